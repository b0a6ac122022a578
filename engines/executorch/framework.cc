#include "framework.h"

#include <fmt/format.h>

#include "log_capture.h"

namespace tenfold::executorch {

Error framework_error(const std::string& what, ::executorch::runtime::Error error) {
  using Cause = ::executorch::runtime::Error;
  std::string reason = first_log_lines();
  if (reason.empty()) reason = ::executorch::runtime::to_string(error);
  const std::string message = fmt::format("ExecuTorch cannot {}: {}", what, reason);
  switch (error) {
    case Cause::MemoryAllocationFailed:
    case Cause::DelegateMemoryAllocationFailed:
    case Cause::OutOfResources:
      return fail(ErrorCode::out_of_memory, message, "choose a smaller model");
    case Cause::OperatorMissing:
    case Cause::NotSupported:
    case Cause::NotImplemented:
    case Cause::DelegateInvalidCompatibility:
      return fail(ErrorCode::unsupported, message,
                  "export the model for XNNPACK, without operators of your own");
    default:
      return fail(ErrorCode::bad_model, message, "download the file again, or export it again");
  }
}

}  // namespace tenfold::executorch
