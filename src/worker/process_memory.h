// The memory of another process.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tenfold {

/// Bytes resident now: the proportional set size, in which processes that map the same weights
/// share them; where the kernel does not tell that, the resident set. 0 if there is no such
/// process.
std::uint64_t process_memory(pid_t pid);

}  // namespace tenfold
