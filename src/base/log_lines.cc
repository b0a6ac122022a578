#include "base/log_lines.h"

#include <algorithm>
#include <cstdlib>

namespace tenfold {
namespace {

constexpr std::size_t most_bytes = 400;

}  // namespace

void LogLines::add(std::string_view text) {
  is_open_ = keep_ == Keep::last || lines_.size() < most_;
  if (!is_open_) return;
  if (lines_.size() == most_) lines_.pop_front();
  lines_.emplace_back();
  append(text);
}

void LogLines::append(std::string_view text) {
  if (!is_open_) return;
  std::string& line = lines_.back();
  line += text.substr(0, most_bytes - std::min(most_bytes, line.size()));
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
}

std::string LogLines::joined() const {
  std::string joined;
  for (const std::string& line : lines_) {
    if (line.empty()) continue;
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return joined;
}

bool wants_debug_log() {
  static const bool wanted = [] {
    const char* level = std::getenv("TENFOLD_LOG");
    return level != nullptr && std::string_view(level) == "debug";
  }();
  return wanted;
}

}  // namespace tenfold
