// Takes from this process what reading headers does not need.
#pragma once

#include "tenfold/result.h"

namespace tenfold {

/// From here on the process can open files for reading, map and read them, write to descriptors
/// that are open, and exit; any other system call kills it (seccomp, SIGSYS). It may use 64 MiB of
/// memory more than now, 2 seconds of processor time and 16 descriptors, leaves no core dump and
/// gains no privileges. For processes of one thread. unavailable if the kernel cannot do this.
Result<void> lock_process();

}  // namespace tenfold
