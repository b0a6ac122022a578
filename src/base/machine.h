// What of this machine the process may use.
#pragma once

#include <cstdint>

namespace tenfold {

/// Physical cores in this process's CPU affinity mask, at least 1.
int usable_cores();

/// Bytes of memory this process may have at most: the machine's, or less if its control groups (v2)
/// say so.
std::uint64_t total_memory();

/// Bytes the kernel can give without swapping (MemAvailable); 0 if unknown.
std::uint64_t available_memory();

}  // namespace tenfold
