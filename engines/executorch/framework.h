// Calls into ExecuTorch: their errors become ours, once, at this edge.
#pragma once

#include <executorch/runtime/core/result.h>

#include <string>

#include "tenfold/result.h"

namespace tenfold::executorch {

/// The error of a failed call: `what` was being done ("load model.pte"), with the reason from the
/// framework's log. out_of_memory, unsupported (an operator or backend is missing) or bad_model.
Error framework_error(const std::string& what, ::executorch::runtime::Error error);

}  // namespace tenfold::executorch
