// What holds for every ML program that is planned or run, whichever form it was read from.
#pragma once

#include <string>

#include "formats/mil.h"
#include "tenfold/result.h"

namespace tenfold {

/// Names are defined once, before they are used; states are read and written by the operations for
/// them alone; constants have as many elements as their types and the type of their output; outputs
/// of functions exist; the default function does. bad_model naming the file (`name`), the function
/// and the operation.
Result<void> check_mil_program(const MilProgram& program, const std::string& name);

}  // namespace tenfold
