#include "text/reasoning.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace tenfold {
namespace {

constexpr std::string_view open_tag = "<think>";
constexpr std::string_view close_tag = "</think>";

/// Length of the longest end of `text` that is a beginning of `tag`, but not all of it.
std::size_t partial_tag(std::string_view text, std::string_view tag) {
  std::size_t length = std::min(text.size(), tag.size() - 1);
  while (!text.ends_with(tag.substr(0, length))) --length;
  return length;
}

}  // namespace

ReasoningSplitter::Parts ReasoningSplitter::push(std::string_view delta) {
  held_ += delta;
  Parts parts;
  if (state_ == State::start) leave_start();
  if (state_ == State::reasoning) parts.reasoning = take_reasoning();
  if (state_ == State::text) {
    trim(white_space);
    parts.text = std::exchange(held_, {});
  }
  return parts;
}

ReasoningSplitter::Parts ReasoningSplitter::finish() {
  Parts parts;
  (state_ == State::reasoning ? parts.reasoning : parts.text) = std::exchange(held_, {});
  return parts;
}

/// Moves on as soon as it is known whether the answer begins with the tag.
void ReasoningSplitter::leave_start() {
  const std::size_t gap = std::min(held_.find_first_not_of(white_space), held_.size());
  const auto begin = std::string_view(held_).substr(gap);
  if (begin.starts_with(open_tag)) {
    held_.erase(0, gap + open_tag.size());
    state_ = State::reasoning;
    trim_ = true;
  } else if (!open_tag.starts_with(begin)) {
    state_ = State::text;
  }
}

std::string ReasoningSplitter::take_reasoning() {
  trim("\r\n");
  const std::size_t end = held_.find(close_tag);
  std::string reasoning;
  if (end == std::string::npos) {
    reasoning = held_.substr(0, held_.size() - partial_tag(held_, close_tag));
    held_.erase(0, reasoning.size());
    return reasoning;
  }
  reasoning = held_.substr(0, end);
  held_.erase(0, end + close_tag.size());
  state_ = State::text;
  trim_ = true;
  return reasoning;
}

void ReasoningSplitter::trim(std::string_view characters) {
  if (!trim_) return;
  held_.erase(0, std::min(held_.find_first_not_of(characters), held_.size()));
  trim_ = held_.empty();
}

}  // namespace tenfold
