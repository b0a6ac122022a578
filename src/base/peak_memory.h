// The most memory this process has held.
#pragma once

#include <cstdint>

namespace tenfold {

/// Peak resident set of this program in bytes; 0 where the system does not tell.
std::uint64_t peak_memory_bytes();

}  // namespace tenfold
