// Reads the affinity mask, sysfs topology, /proc/meminfo and control groups.
#include "base/machine.h"

#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold {
namespace {

namespace fs = std::filesystem;

/// The number after `key` in a file of keys and numbers.
std::optional<std::uint64_t> number_of(const fs::path& path, std::string_view wanted) {
  std::ifstream file(path);
  std::string key;
  std::uint64_t number = 0;
  while (file >> key >> number) {
    if (key == wanted) return number;
    file.ignore(256, '\n');
  }
  return std::nullopt;
}

/// Bytes; nothing if the kernel does not say.
std::optional<std::uint64_t> memory_info(const fs::path& root, std::string_view wanted) {
  const auto kib = number_of(root / "proc/meminfo", wanted);
  return kib ? std::optional(*kib * 1024) : std::nullopt;
}

/// Bytes behind `wanted` at the beginning of a line; nothing if the kernel does not say.
std::optional<std::uint64_t> kibibytes(const fs::path& path, std::string_view wanted) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(wanted)) return std::stoull(line.substr(wanted.size())) * 1024;
  }
  return std::nullopt;
}

/// Nothing where the file is not there or says "max".
std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;
}

/// The folders of this process's control group (v2) and of those around it.
std::vector<fs::path> control_groups(const fs::path& root) {
  std::vector<fs::path> groups;
  std::ifstream membership(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(membership, line)) {
    if (!line.starts_with("0::/")) continue;
    const fs::path top = root / "sys/fs/cgroup";
    const fs::path below = line.substr(4);
    groups.push_back(top);
    fs::path group = top;
    for (const fs::path& part : below) groups.push_back(group /= part);
  }
  return groups;
}

/// The whole cores that a group's processor time makes up; nothing without a limit.
std::optional<int> cores_of(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  if (!(file >> quota >> period) || period == 0) return std::nullopt;
  return static_cast<int>(std::min<std::uint64_t>(quota / period, CPU_SETSIZE));
}

}  // namespace

int usable_cores(const fs::path& root) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  // Hyper-threads of one core share the same sibling list; count the different lists.
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    const std::string name = "cpu" + std::to_string(cpu);
    std::ifstream file(root / "sys/devices/system/cpu" / name / "topology/thread_siblings_list");
    std::string siblings;
    std::getline(file, siblings);
    cores.insert(siblings.empty() ? name : siblings);
  }
  int count = static_cast<int>(cores.size());
  // Threads beyond the time there is would only wait for each other.
  for (const fs::path& group : control_groups(root)) {
    count = std::min(count, cores_of(group).value_or(count));
  }
  return std::max(1, count);
}

std::uint64_t total_memory(const fs::path& root) {
  std::uint64_t bytes = memory_info(root, "MemTotal:").value_or(0);
  for (const fs::path& group : control_groups(root)) {
    bytes = std::min(bytes, number_in(group / "memory.max").value_or(bytes));
  }
  return bytes;
}

std::uint64_t available_memory(const fs::path& root) {
  std::uint64_t bytes = memory_info(root, "MemAvailable:").value_or(0);
  for (const fs::path& group : control_groups(root)) {
    const auto limit = number_in(group / "memory.max");
    const auto used = number_in(group / "memory.current");
    if (!limit || !used) continue;
    // Files that were read count as used, and leave when memory is needed.
    const std::uint64_t files = number_of(group / "memory.stat", "inactive_file").value_or(0);
    const std::uint64_t needed = *used - std::min(*used, files);
    bytes = std::min(bytes, *limit - std::min(*limit, needed));
  }
  return bytes;
}

std::uint64_t peak_memory_bytes() {
  // getrusage() would count what the host held when it forked, so it is the second choice.
  if (const auto bytes = kibibytes("/proc/self/status", "VmHWM:")) return *bytes;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void give_back_freed_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

std::uint64_t process_memory(pid_t process) {
  const fs::path folder = "/proc/" + std::to_string(process);
  const auto share = kibibytes(folder / "smaps_rollup", "Pss:");
  return share ? *share : kibibytes(folder / "status", "VmRSS:").value_or(0);
}

}  // namespace tenfold
