// Calls into ExecuTorch: their errors and exceptions become ours, once, at this edge.
#pragma once

#include <executorch/runtime/core/result.h>

#include <exception>
#include <new>
#include <string>

#include "tenfold/result.h"

namespace tenfold::executorch {

/// The error of a failed call: `what` was being done ("load model.pte"), with the reason from the
/// framework's log. out_of_memory, unsupported (an operator or backend is missing) or bad_model.
Error framework_error(const std::string& what, ::executorch::runtime::Error error);

/// The Result of `work`; out_of_memory for std::bad_alloc, internal for other exceptions.
template <typename Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::out_of_memory, "ExecuTorch ran out of memory",
                "choose a smaller model, or close other programs");
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, std::string("ExecuTorch failed: ") + error.what());
  }
}

}  // namespace tenfold::executorch
