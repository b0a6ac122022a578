// The answer is one JSON object: a description, or {"error": {"code", "message", "hint"}}.
#include "formats/untrusted.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

#include "base/child_process.h"
#include "base/files.h"
#include "base/paths.h"
#include "base/platform/platform.h"
#include "formats/bounded_json.h"
#include "formats/describe.h"
#include "formats/description_json.h"

namespace tenfold {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 8 << 20;
constexpr auto patience = std::chrono::seconds(10);

json error_json(const Error& error) {
  return {{"error",
           {{"code", to_string(error.code)}, {"message", error.message}, {"hint", error.hint}}}};
}

json answer(const std::filesystem::path& path) {
  try {
    if (const auto locked = platform::lock_process(); !locked.ok())
      return error_json(locked.error());
    const auto description = describe_model(path);
    if (description.ok() && !is_valid_utf8(description->path.string())) {
      return error_json(fail(ErrorCode::invalid_argument,
                             fmt::format("the name of {} is not UTF-8", description->path.string()),
                             "rename the file, or its folder"));
    }
    return description.ok() ? to_json(*description) : error_json(description.error());
  } catch (const std::bad_alloc&) {
    return error_json(fail(ErrorCode::bad_model,
                           path.string() + " needs more memory to read its header than any model",
                           "download the file again"));
  } catch (const std::exception& error) {
    return error_json(fail(ErrorCode::bad_model,
                           fmt::format("{} cannot be read: {}", path.string(), error.what()),
                           "download the file again"));
  }
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
  Ends pipe = TRY(make_pipe());
  const pid_t child = TRY(start_child({.arguments = {program, path}, .output = pipe.second.get()}));
  pipe.second = Descriptor();
  std::string text;
  const bool in_time = read_answer(pipe.first.get(), text);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
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
