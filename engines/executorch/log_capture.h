// ExecuTorch's log: kept for error messages instead of printed.
#pragma once

#include <string>

namespace tenfold::executorch {

/// Sends the framework's log here, once per process. With TENFOLD_LOG=debug in the environment
/// everything is also written to stderr. Thread-safe.
void capture_log();

/// Forgets the calling thread's log lines.
void clear_log();

/// The calling thread's first errors since clear_log(), joined by "; ": the first names the cause.
std::string first_log_lines();

}  // namespace tenfold::executorch
