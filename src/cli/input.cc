#include "cli/input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"

namespace tenfold {
namespace {

constexpr std::size_t largest_input = 64 << 20;

}  // namespace

bool stdin_has_data() {
  struct stat status {};
  return ::fstat(STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode));
}

Result<std::string> read_stdin() {
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("standard input", "read", errno);
    if (count == 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > largest_input) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("standard input is larger than {} MiB", largest_input >> 20));
    }
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<std::string> join_prompt(const std::vector<std::string>& words, const std::string& piped,
                                const std::string& what) {
  std::string text = fmt::format("{}", fmt::join(words, " "));
  if (!text.empty() && !piped.empty()) text += "\n\n";
  text += piped;
  if (text.empty()) {
    return fail(ErrorCode::invalid_argument, fmt::format("there is no {}", what),
                fmt::format("give the {} as arguments or through a pipe", what));
  }
  if (!is_valid_utf8(text)) {
    return fail(ErrorCode::invalid_argument, fmt::format("the {} is not valid UTF-8", what),
                "convert it, for example with iconv");
  }
  return text;
}

}  // namespace tenfold
