// The one error type of Tenfold: what happened, where, and what the user can do.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tenfold {

enum class ErrorCode {
  invalid_argument,   ///< a request or option value that can never work
  not_found,          ///< a file, model, engine or conversation that does not exist
  bad_model,          ///< a model file that is damaged or is not what it claims to be
  unsupported,        ///< valid, but this engine or model does not have it
  unavailable,        ///< the engine is not installed or cannot exist on this machine
  not_initialized,    ///< a call that needs a loaded model came before initialize()
  context_exceeded,   ///< prompt longer than the context; the message carries the numbers
  out_of_memory,      ///< the memory limit or the machine's memory does not suffice
  disk_full,          ///< no space left where a file had to be written
  permission_denied,  ///< the file system refused
  cancelled,          ///< the caller cancelled before an answer began
  deadline_exceeded,  ///< a time limit ran out
  busy,               ///< another call is in progress on this engine
  network,            ///< a server could not be reached, or broke off
  license,            ///< a key or licence is missing, wrong, or its quota is used up
  refused,            ///< a model's or provider's own rules refuse the content
  engine_died,        ///< the worker process ended; the message names the cause
  protocol,           ///< the other side of a worker socket broke the protocol
  io,                 ///< any other failed read, write or child process
  internal,           ///< a defect of Tenfold or of a framework
};

/// The stable snake_case name used in JSON and on the wire, e.g. "bad_model".
std::string_view to_string(ErrorCode code);

/// The inverse of to_string(); `internal` for a name this version does not know.
ErrorCode error_code_from(std::string_view name);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;                  ///< one sentence: what, and which file, field or option
  std::string hint;                     ///< what the user can do next; may be empty
  std::chrono::seconds retry_after{0};  ///< when to try again; 0: not known
};

}  // namespace tenfold
