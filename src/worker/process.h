// Starts a worker program with its socket and its output pipe.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

/// What workers find in their environment, unless the user has set it.
constexpr const char* worker_variable = "GLIBC_TUNABLES";
constexpr const char* worker_value = "glibc.malloc.hugetlb=1";

/// A started worker. The caller owns the process (kill and waitpid) and both descriptors, which are
/// close-on-exec and non-blocking.
struct WorkerProcess {
  pid_t pid = -1;
  int socket = -1;  ///< the host's end of the pair
  int output = -1;  ///< what the worker writes on stdout and stderr
};

/// Runs `executable` as protocol.h says, with default signal handling and no descriptor above 3.
/// `unavailable` naming the file if it cannot be run.
///
/// Workers ask the kernel to die with the thread that started them: call this from a thread that
/// lives as long as the worker may.
Result<WorkerProcess> start_worker_process(const std::string& executable);

}  // namespace tenfold
