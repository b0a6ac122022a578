// The text form of an ML program, as Core ML's compiler writes it into model.mil. Apple documents
// no grammar: this is what the compiler's output in public repositories has.
#pragma once

#include <string>
#include <string_view>

#include "formats/mil.h"
#include "tenfold/result.h"

namespace tenfold {

/// Not yet checked (check_mil_program()), and blobs still have the offset of their metadata; the
/// default function is "main", or the first. bad_model naming `name` and the line if it is damaged
/// or too large.
Result<MilProgram> read_mil_text(std::string_view text, const std::string& name);

}  // namespace tenfold
