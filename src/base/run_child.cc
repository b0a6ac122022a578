#include "base/run_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/child_process.h"

namespace tenfold {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kept_bytes = 4096;
constexpr int poll_milliseconds = 100;
constexpr auto patience = std::chrono::seconds(2);

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
  Ends errors = TRY(make_pipe());
  const bool shown = output == ChildOutput::on_stderr;
  const pid_t child = TRY(start_child({.arguments = arguments,
                                       .output = shown ? STDERR_FILENO : -1,
                                       .error = errors.second.get()}));
  errors.second = Descriptor();
  const int reading = errors.first.get();
  ChildExit result;
  int status = 0;
  bool stopping = false;
  Clock::time_point stop_time;
  for (bool open = true; ::waitpid(child, &status, WNOHANG) == 0;) {
    pollfd waiting{reading, POLLIN, 0};
    const int ready = ::poll(&waiting, open ? 1 : 0, poll_milliseconds);
    if (ready > 0) open = read_some(reading, result.last_lines);
    if (!stopping && cancelled && cancelled()) {
      stopping = true;
      stop_time = Clock::now();
      ::kill(child, SIGINT);
    }
    if (stopping && Clock::now() - stop_time > patience) ::kill(child, SIGKILL);
  }
  ::fcntl(reading, F_SETFL, O_NONBLOCK);
  while (read_some(reading, result.last_lines)) {
  }
  if (stopping || (cancelled && cancelled())) {
    return fail(ErrorCode::cancelled, "cancelled");
  }
  result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace tenfold
