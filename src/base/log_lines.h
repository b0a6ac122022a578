// A few lines of a framework's log, kept for error messages instead of printed.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace tenfold {

/// Lines are cut at 400 bytes. One per thread, so that two models loading at once do not mix their
/// reasons.
class LogLines {
 public:
  enum class Keep { first, last };
  LogLines(Keep keep, std::size_t lines) : keep_(keep), most_(lines) {}

  /// A new line, which is open for more.
  void add(std::string_view text);
  /// More of the open line, if there is one.
  void append(std::string_view text);
  /// Nothing more comes of the open line.
  void end() { is_open_ = false; }
  void clear() {
    lines_.clear();
    is_open_ = false;
  }

  /// The lines that are not empty, joined by "; ".
  [[nodiscard]] std::string joined() const;

 private:
  Keep keep_;
  std::size_t most_;
  std::deque<std::string> lines_;
  bool is_open_ = false;
};

/// Whether TENFOLD_LOG=debug asks for frameworks' logs on standard error, too.
bool wants_debug_log();

}  // namespace tenfold
