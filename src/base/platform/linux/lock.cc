// The filter is classic BPF over struct seccomp_data (seccomp(2)).
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/platform/platform.h"

namespace tenfold::platform {
namespace {

constexpr rlim_t more_memory = 64 << 20;

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "the system call filter does not know this architecture"
#endif

constexpr int allowed_calls[] = {
    SYS_read,         SYS_pread64,     SYS_readv,      SYS_write,         SYS_close,
    SYS_fstat,        SYS_newfstatat,  SYS_statx,      SYS_lseek,         SYS_getdents64,
    SYS_readlinkat,   SYS_fcntl,       SYS_mmap,       SYS_munmap,        SYS_mremap,
    SYS_mprotect,     SYS_madvise,     SYS_brk,        SYS_futex,         SYS_getrandom,
    SYS_getpid,       SYS_gettid,      SYS_getcwd,     SYS_clock_gettime, SYS_sched_yield,
    SYS_rt_sigreturn, SYS_exit,        SYS_exit_group,
#if defined(__x86_64__)
    SYS_stat,         SYS_lstat,       SYS_readlink,   SYS_access,
#endif
#ifdef TENFOLD_SANITIZED
    SYS_pipe2,        SYS_sigaltstack,  // the sanitizers' own
#endif
};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

std::vector<sock_filter> make_filter() {
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter kill = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  std::vector<sock_filter> filter{
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
      kill,
      load(offsetof(seccomp_data, nr)),
  };
  for (const int call : allowed_calls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    filter.push_back(allow);
  }
  // openat for reading only; the flags are its third argument.
  constexpr std::uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3));
  filter.push_back(load(offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, writing, 1, 0));
  filter.push_back(allow);
  filter.push_back(kill);
  return filter;
}

bool limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

/// Bytes of private writable memory: what RLIMIT_DATA counts. Read-only mappings are not in it.
rlim_t data_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmData:")) return std::stoull(line.substr(7)) * 1024;
  }
  return 0;
}

}  // namespace

/// 1, as 0 does not keep a core from a program that the system pipes cores into (do_coredump() in
/// the kernel's fs/coredump.c), and no core file is as short.
void forbid_cores() {
  rlimit limits{};
  ::getrlimit(RLIMIT_CORE, &limits);
  limits.rlim_cur = limits.rlim_max = std::min<rlim_t>(1, limits.rlim_max);
  ::setrlimit(RLIMIT_CORE, &limits);
}

Result<void> lock_process() {
  const auto failed = [](const char* what, const char* hint) {
    return fail(ErrorCode::unavailable,
                std::string("the process that reads model headers cannot ") + what + ": " +
                    std::strerror(errno),
                hint);
  };
  if (!limit(RLIMIT_DATA, data_bytes() + more_memory) || !limit(RLIMIT_CPU, 2) ||
      !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NOFILE, 16) || !limit(RLIMIT_FSIZE, 0)) {
    return failed("limit its resources", "run Tenfold on Linux 5.0 or newer");
  }
  std::vector<sock_filter> filter = make_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    const char* unlocked = std::getenv("TENFOLD_UNLOCKED_HEADERS");
    if (unlocked != nullptr && std::strcmp(unlocked, "1") == 0) return {};
    return failed("lock itself",
                  "allow seccomp in this container; or, for models from sources you trust, set "
                  "TENFOLD_UNLOCKED_HEADERS=1 to read headers in a process that is limited only");
  }
  return {};
}

}  // namespace tenfold::platform
