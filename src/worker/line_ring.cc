#include "worker/line_ring.h"

#include <fmt/format.h>

namespace tenfold {

void LineRing::push(std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '\n') {
      if (!current_.empty()) lines_.push_back(std::move(current_));
      current_.clear();
      if (lines_.size() > max_lines) lines_.pop_front();
    } else if (byte != '\r' && current_.size() < max_line_bytes) {
      current_ += byte;
    }
  }
}

std::string LineRing::text() const {
  std::string text = fmt::format("{}", fmt::join(lines_, "\n"));
  if (!current_.empty()) text += (text.empty() ? "" : "\n") + current_;
  return text;
}

}  // namespace tenfold
