// The last lines of a worker's output, kept for the error that tells of its death.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace tenfold {

/// Keeps the last 20 lines, of each the first 400 bytes.
class LineRing {
 public:
  void push(std::string_view bytes);

  /// The lines, an unfinished last one included, joined by line feeds.
  [[nodiscard]] std::string text() const;

 private:
  static constexpr std::size_t max_lines = 20;
  static constexpr std::size_t max_line_bytes = 400;

  std::deque<std::string> lines_;
  std::string current_;
};

}  // namespace tenfold
