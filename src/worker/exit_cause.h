// Why a child process ended, in words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tenfold {

/// How many processes of this process's control group the kernel has killed for want of memory
/// (`oom_kill` in memory.events of cgroup v2, or memory.oom_control of v1). Nothing where the files
/// cannot be read. The arguments exist for tests.
std::optional<std::uint64_t> count_oom_kills(
    const std::filesystem::path& membership = "/proc/self/cgroup",
    const std::filesystem::path& mount = "/sys/fs/cgroup");

/// "killed by SIGSEGV", "exit code 3", or, when oom_kill rose between the two counts and the signal
/// was SIGKILL, "out of memory: killed by the kernel (SIGKILL)". `status` is waitpid()'s.
std::string describe_exit(int status, std::optional<std::uint64_t> oom_kills_before,
                          std::optional<std::uint64_t> oom_kills_after);

}  // namespace tenfold
