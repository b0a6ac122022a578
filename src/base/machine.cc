// Reads the affinity mask, sysfs topology and /proc/meminfo.
#include "base/machine.h"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

namespace tenfold {
namespace {

/// Bytes; 0 if the kernel does not say.
std::uint64_t memory_info(std::string_view wanted) {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  while (file >> key >> kib) {
    if (key == wanted) return kib * 1024;
    file.ignore(256, '\n');
  }
  return 0;
}

}  // namespace

int usable_cores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  // Hyper-threads of one core share the same sibling list; count the different lists.
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    const std::string name = std::to_string(cpu);
    std::ifstream file("/sys/devices/system/cpu/cpu" + name + "/topology/thread_siblings_list");
    std::string siblings = "cpu" + name;
    std::getline(file, siblings);
    cores.insert(siblings.empty() ? "cpu" + name : siblings);
  }
  return std::max(1, static_cast<int>(cores.size()));
}

std::uint64_t total_memory() {
  std::uint64_t bytes = memory_info("MemTotal:");
  std::ifstream membership("/proc/self/cgroup");
  std::string line;
  while (std::getline(membership, line)) {
    if (!line.starts_with("0::/")) continue;
    const std::filesystem::path root = "/sys/fs/cgroup";
    for (auto group = root / line.substr(4);; group = group.parent_path()) {
      std::ifstream file(group / "memory.max");
      if (std::uint64_t limit = 0; file >> limit) bytes = std::min(bytes, limit);
      if (group == root || !group.has_relative_path()) break;
    }
  }
  return bytes;
}

std::uint64_t available_memory() { return memory_info("MemAvailable:"); }

}  // namespace tenfold
