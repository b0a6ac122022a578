#include "generation/answer_stream.h"

#include <utility>

namespace tenfold {

bool ends_in_open_reasoning(std::string_view prompt) {
  const auto last = prompt.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && prompt.substr(0, last + 1).ends_with("<think>");
}

AnswerStream::Parts AnswerStream::push(std::string_view bytes) {
  return split(stop_.push(utf8_.push(bytes)));
}

AnswerStream::Parts AnswerStream::finish() {
  std::string text = stop_.push(utf8_.finish());
  text += stop_.finish();
  Parts parts = split(std::move(text));
  if (reasoning_) {
    const Parts held = reasoning_->finish();
    parts.text += held.text;
    parts.reasoning += held.reasoning;
  }
  return parts;
}

AnswerStream::Parts AnswerStream::split(std::string text) {
  if (reasoning_) return reasoning_->push(text);
  return {std::move(text), {}};
}

}  // namespace tenfold
