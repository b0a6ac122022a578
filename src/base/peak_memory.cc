#include "base/peak_memory.h"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace tenfold {

std::uint64_t peak_memory_bytes() {
  // getrusage() would count what the host held when it forked, so it is the second choice.
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kibibytes = 0;
  while (status >> word) {
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace tenfold
