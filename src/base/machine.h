// What of this machine the process may use, and what processes use. Each system has its own source
// of it, under platform/.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace tenfold {

// `root` is where proc and sys are found: "/", unless for tests.

/// Physical cores in this process's CPU affinity mask, or fewer if its control groups (v2) give it
/// less processor time; at least 1.
int usable_cores(const std::filesystem::path& root = "/");

/// Bytes of memory this process may have at most: the machine's, or less if its control groups say
/// so.
std::uint64_t total_memory(const std::filesystem::path& root = "/");

/// Bytes this process can have without swapping: what the kernel can give (MemAvailable), or less
/// if its control groups have less left. 0 if unknown.
std::uint64_t available_memory(const std::filesystem::path& root = "/");

/// Peak resident set of this program in bytes; 0 where the system does not tell.
std::uint64_t peak_memory_bytes();

/// Gives memory that was freed back to the system, where its allocator keeps it otherwise. Takes
/// milliseconds; worth it after work that needed much for a moment.
void give_back_freed_memory();

/// Bytes resident now of another process: the proportional set size, in which processes that map
/// the same weights share them; where the kernel does not tell that, the resident set. 0 if there
/// is no such process.
std::uint64_t process_memory(pid_t process);

}  // namespace tenfold
