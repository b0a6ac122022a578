// Peak memory of this process.
#pragma once

#include <cstdint>

namespace tenfold {

/// Peak resident set in bytes: VmHWM of /proc/self/status. Not getrusage(): its value outlives
/// exec(), so a worker would report the memory of the process that started it. 0 where the system
/// does not tell.
std::uint64_t peak_memory_bytes();

}  // namespace tenfold
