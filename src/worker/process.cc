#include "worker/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "worker/protocol.h"

extern char** environ;

namespace tenfold {
namespace {

/// Owns a descriptor until release().
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

std::string describe(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

Error no_descriptors() {
  return fail(ErrorCode::io, fmt::format("cannot make a worker's socket: {}", describe(errno)),
              "close other programs or raise the limit on open files");
}

/// A copy above the descriptors that the child gives a meaning to, so that none overwrites another.
int above_standard(int descriptor) {
  return ::fcntl(descriptor, F_DUPFD_CLOEXEC, protocol::worker_descriptor + 1);
}

int spawn(const std::string& executable, int socket, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, protocol::worker_descriptor);
#ifdef __GLIBC__
  // Other threads' descriptors may lack close-on-exec; a leaked socket would hide a worker's end.
  posix_spawn_file_actions_addclosefrom_np(&actions, protocol::worker_descriptor + 1);
#endif
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string program = executable;
  char* arguments[] = {program.data(), nullptr};
  std::vector<char*> environment = worker_environment();
  const int error =
      posix_spawn(&pid, executable.c_str(), &actions, &attributes, arguments, environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

// glibc's malloc() is asked for large pages. A model's weights are read from end to end for every
// token; in pages of 4 KiB that takes some 5 to 10 % longer (docs/performance.md). glibc reads the
// variable when the program starts and has no call for it.
std::vector<char*> worker_environment() {
  static char large_pages[] = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  if (::getenv("GLIBC_TUNABLES") == nullptr) variables.push_back(large_pages);
  variables.push_back(nullptr);
  return variables;
}

Result<WorkerProcess> start_worker_process(const std::string& executable) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return no_descriptors();
  Descriptor host_socket(pair[0]);
  const Descriptor low_socket(pair[1]);
  if (::pipe2(pair, O_CLOEXEC) != 0) return no_descriptors();
  Descriptor host_output(pair[0]);
  const Descriptor low_output(pair[1]);
  const Descriptor worker_socket(above_standard(low_socket.get()));
  const Descriptor worker_output(above_standard(low_output.get()));
  if (worker_socket.get() < 0 || worker_output.get() < 0) return no_descriptors();
  // Set on the host's ends only: the worker's writes block, which holds it back when we are slow.
  ::fcntl(host_socket.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(host_output.get(), F_SETFL, O_NONBLOCK);

  WorkerProcess process;
  const int error = spawn(executable, worker_socket.get(), worker_output.get(), process.pid);
  if (error != 0) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot run the worker program {}: {}", executable, describe(error)),
                "install the engine again");
  }
  process.socket = host_socket.release();
  process.output = host_output.release();
  return process;
}

}  // namespace tenfold
