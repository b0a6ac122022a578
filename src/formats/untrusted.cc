// The answer is one JSON object: a description, or {"error": {"code", "message", "hint"}}.
#include "formats/untrusted.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

#include "base/files.h"
#include "base/paths.h"
#include "formats/bounded_json.h"
#include "formats/describe.h"
#include "formats/description_json.h"
#include "formats/lock.h"

extern char** environ;

namespace tenfold {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 8 << 20;
constexpr auto patience = std::chrono::seconds(10);

json to_json(const Error& error) {
  return {{"error",
           {{"code", to_string(error.code)}, {"message", error.message}, {"hint", error.hint}}}};
}

json answer(const std::filesystem::path& path) {
  try {
    if (const auto locked = lock_process(); !locked.ok()) return to_json(locked.error());
    const auto description = describe_model(path);
    if (description.ok() && !is_valid_utf8(description->path)) {
      return to_json(fail(ErrorCode::invalid_argument,
                          fmt::format("the name of {} is not UTF-8", description->path),
                          "rename the file, or its folder"));
    }
    return description.ok() ? to_json(*description) : to_json(description.error());
  } catch (const std::bad_alloc&) {
    return to_json(fail(ErrorCode::bad_model,
                        path.string() + " needs more memory to read its header than any model",
                        "download the file again"));
  } catch (const std::exception& error) {
    return to_json(fail(ErrorCode::bad_model,
                        fmt::format("{} cannot be read: {}", path.string(), error.what()),
                        "download the file again"));
  }
}

struct Child {
  pid_t id = 0;
  int output = -1;
};

/// Its other descriptors are closed: what this process has open is none of its business.
Result<Child> start(const std::filesystem::path& program, const std::filesystem::path& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::io, "cannot make a pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  std::string words[] = {program.string(), path.string()};
  char* arguments[] = {words[0].data(), words[1].data(), nullptr};
  Child child;
  const int error = ::posix_spawn(&child.id, program.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  child.output = ends[0];
  if (error == 0) return child;
  ::close(ends[0]);
  return fail(ErrorCode::unavailable,
              fmt::format("cannot start {}: {}", program.string(), std::strerror(error)),
              "install Tenfold again");
}

/// Everything it writes; false if that is too much or takes too long.
bool read_answer(int descriptor, std::string& text) {
  const Clock::time_point end = Clock::now() + patience;
  char buffer[65536];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > longest_answer) return false;
  }
}

Error died(const std::filesystem::path& path, int status, bool in_time) {
  std::string how = fmt::format("ended with code {}", WEXITSTATUS(status));
  if (!in_time) {
    how = "took too long or answered too much";
  } else if (WIFSIGNALED(status)) {
    how = fmt::format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return fail(ErrorCode::bad_model,
              fmt::format("{} cannot be read: the locked process that reads its header {}",
                          path.string(), how),
              "the file is damaged or hostile; download it again from a source you trust");
}

}  // namespace

Result<ModelDescription> describe_with(const std::filesystem::path& program,
                                       const std::filesystem::path& path) {
  const Child child = TRY(start(program, path));
  std::string text;
  const bool in_time = read_answer(child.output, text);
  ::close(child.output);
  if (!in_time) ::kill(child.id, SIGKILL);
  int status = 0;
  while (::waitpid(child.id, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return died(path, status, in_time);
  }
  const json object = TRY(parse_bounded_json(text, "the description of " + path.string()));
  const json error = part(object, "error");
  if (error.empty()) return description_from_json(object);
  return fail(error_code_from(tenfold::text(error, "code")), tenfold::text(error, "message"),
              tenfold::text(error, "hint"));
}

Result<ModelDescription> describe_untrusted(const std::filesystem::path& path) {
  const std::filesystem::path program = helper_program("tenfold-describe");
  if (!program.empty()) return describe_with(program, path);
  return fail(ErrorCode::unavailable,
              "the program tenfold-describe, which reads model headers, is not beside this one",
              "install Tenfold again");
}

void describe_locked(const std::filesystem::path& path) {
  const std::string text = answer(path).dump(-1, ' ', false, json::error_handler_t::replace);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written <= 0) ::_exit(1);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  // Handlers that run at exit may need what is locked.
  ::_exit(0);
}

}  // namespace tenfold
