#include "cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace tenfold {
namespace {

class PipeReader : public LineReader {
 public:
  explicit PipeReader(Interrupts& interrupts) : interrupts_(interrupts) {}

  ReadLine read(const std::string& /*prompt*/) override {
    while (true) {
      if (const std::size_t newline = buffer_.find('\n'); newline != std::string::npos) {
        ReadLine line{ReadLine::Kind::line, buffer_.substr(0, newline)};
        buffer_.erase(0, newline + 1);
        return line;
      }
      pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {interrupts_.descriptor(), POLLIN, 0}};
      if (::poll(waiting, 2, -1) < 0) continue;
      if (interrupts_.take()) return {ReadLine::Kind::interrupted, {}};
      char bytes[4096];
      const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
      if (count < 0 && errno == EINTR) continue;
      if (count > 0) {
        buffer_.append(bytes, static_cast<std::size_t>(count));
      } else if (buffer_.empty()) {
        return {ReadLine::Kind::end, {}};
      } else {
        buffer_ += '\n';  // the last line of the input may lack it
      }
    }
  }

 private:
  Interrupts& interrupts_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<LineReader> make_pipe_reader(Interrupts& interrupts) {
  return std::make_unique<PipeReader>(interrupts);
}

std::unique_ptr<LineReader> make_line_reader(const Console& console, Interrupts& interrupts,
                                             const std::string& history_path) {
  if (console.stdin_is_terminal() && console.stdout_is_terminal()) {
    return make_terminal_reader(interrupts, history_path);
  }
  return make_pipe_reader(interrupts);
}

}  // namespace tenfold
