// What of this machine the process may use.
#pragma once

#include <cstdint>

namespace tenfold {

/// Physical cores in this process's CPU affinity mask, at least 1.
int usable_cores();

/// Bytes the kernel can give without swapping (MemAvailable); 0 if unknown.
std::uint64_t available_memory();

}  // namespace tenfold
