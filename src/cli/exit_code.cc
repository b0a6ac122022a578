#include "cli/exit_code.h"

namespace tenfold {

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return ExitCode::usage;
    case ErrorCode::not_found:
    case ErrorCode::bad_model:
    case ErrorCode::unsupported:
    case ErrorCode::permission_denied:
      return ExitCode::model;
    case ErrorCode::unavailable:
    case ErrorCode::license:
      return ExitCode::engine_unavailable;
    case ErrorCode::context_exceeded:
    case ErrorCode::out_of_memory:
    case ErrorCode::disk_full:
      return ExitCode::out_of_resource;
    case ErrorCode::cancelled:
      return ExitCode::interrupted;
    case ErrorCode::not_initialized:
    case ErrorCode::deadline_exceeded:
    case ErrorCode::busy:
    case ErrorCode::network:
    case ErrorCode::refused:
    case ErrorCode::engine_died:
    case ErrorCode::protocol:
    case ErrorCode::io:
    case ErrorCode::internal:
      break;
  }
  return ExitCode::request_failed;
}

ExitCode exit_code(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
    case FinishReason::length:
    case FinishReason::stop_string:
    case FinishReason::tool_call:
    case FinishReason::repetition:
      return ExitCode::ok;
    case FinishReason::cancelled:
      return ExitCode::interrupted;
    case FinishReason::context_full:
      return ExitCode::out_of_resource;
    case FinishReason::deadline:
    case FinishReason::engine_died:
      break;
  }
  return ExitCode::request_failed;
}

}  // namespace tenfold
