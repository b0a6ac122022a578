#include "models/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

extern char** environ;

namespace tenfold {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kept_bytes = 4096;
constexpr int poll_milliseconds = 100;
constexpr auto patience = std::chrono::seconds(2);

/// Starts the child with its standard error on `error_end`; returns errno.
int start(const std::vector<std::string>& arguments, ChildOutput output, int error_end,
          pid_t& child) {
  std::vector<char*> words;
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (output == ChildOutput::hidden) {
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  }
  posix_spawn_file_actions_adddup2(&files, error_end, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // This process blocks SIGINT to read it from a descriptor; the child must not inherit that.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const int error = posix_spawnp(&child, words[0], &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

/// Reads what is there; false at the end of the stream.
bool read_some(int descriptor, std::string& kept) {
  char buffer[4096];
  const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
  if (count <= 0) return count < 0 && errno == EINTR;
  kept.append(buffer, static_cast<std::size_t>(count));
  if (kept.size() > kept_bytes) kept.erase(0, kept.size() - kept_bytes);
  return true;
}

}  // namespace

Result<ChildExit> run_child(const std::vector<std::string>& arguments, ChildOutput output,
                            const std::function<bool()>& cancelled) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(ErrorCode::io, "cannot make a pipe for " + arguments[0]);
  }
  pid_t child = 0;
  const int error = start(arguments, output, ends[1], child);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(ErrorCode::unavailable,
                "cannot start " + arguments[0] + ": " + std::generic_category().message(error));
  }
  ChildExit result;
  int status = 0;
  bool stopping = false;
  Clock::time_point stop_time;
  for (bool open = true; ::waitpid(child, &status, WNOHANG) == 0;) {
    pollfd waiting{ends[0], POLLIN, 0};
    const int ready = ::poll(&waiting, open ? 1 : 0, poll_milliseconds);
    if (ready > 0) open = read_some(ends[0], result.last_lines);
    if (!stopping && cancelled && cancelled()) {
      stopping = true;
      stop_time = Clock::now();
      ::kill(child, SIGINT);
    }
    if (stopping && Clock::now() - stop_time > patience) ::kill(child, SIGKILL);
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  while (read_some(ends[0], result.last_lines)) {
  }
  ::close(ends[0]);
  if (stopping || (cancelled && cancelled())) {
    return fail(ErrorCode::cancelled, "cancelled");
  }
  result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace tenfold
