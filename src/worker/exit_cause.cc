#include "worker/exit_cause.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace tenfold {
namespace {

/// The value behind `key` in a file of "key value" lines.
std::optional<std::uint64_t> read_count(const std::filesystem::path& path, std::string_view key) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::string signal_name(int number) {
#ifdef __GLIBC__
  const char* name = ::sigabbrev_np(number);
  if (name != nullptr) return fmt::format("SIG{}", name);
#endif
  return number == SIGKILL ? "SIGKILL" : fmt::format("signal {}", number);
}

}  // namespace

std::optional<std::uint64_t> count_oom_kills(const std::filesystem::path& membership,
                                             const std::filesystem::path& mount) {
  std::ifstream file(membership);
  std::string line;
  while (std::getline(file, line)) {
    // Lines are "hierarchy:controllers:/path"; version 2 has the hierarchy 0 and no controllers.
    std::istringstream fields(line);
    std::string hierarchy;
    std::string controllers;
    std::string path;
    std::getline(fields, hierarchy, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    const std::filesystem::path relative = std::filesystem::path(path).relative_path();
    std::vector<std::filesystem::path> candidates;
    if (controllers == "memory") {
      // Inside a container the path may be that of the outside, with the group mounted as the root.
      candidates = {mount / "memory" / relative / "memory.oom_control",
                    mount / "memory" / "memory.oom_control"};
    } else if (hierarchy == "0") {
      candidates = {mount / relative / "memory.events", mount / "memory.events"};
    }
    for (const auto& candidate : candidates) {
      if (const auto count = read_count(candidate, "oom_kill")) return count;
    }
  }
  return std::nullopt;
}

std::string describe_exit(int status, std::optional<std::uint64_t> oom_kills_before,
                          std::optional<std::uint64_t> oom_kills_after) {
  if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGKILL && oom_kills_before && oom_kills_after &&
      *oom_kills_after > *oom_kills_before) {
    return "out of memory: killed by the kernel (SIGKILL)";
  }
  const std::string killed = fmt::format("killed by {}", signal_name(WTERMSIG(status)));
  if (WTERMSIG(status) != SIGILL) return killed;
  return killed + ": an instruction that this processor has not, as in code compiled for another";
}

}  // namespace tenfold
