#include "generation/answer_stream.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace tenfold {

bool ends_in_open_reasoning(std::string_view prompt) {
  const auto last = prompt.find_last_not_of(white_space);
  return last != std::string_view::npos && prompt.substr(0, last + 1).ends_with("<think>");
}

AnswerStream::Parts AnswerStream::push(std::string_view bytes) {
  return split(stop_.push(utf8_.push(bytes)), false);
}

AnswerStream::Parts AnswerStream::finish() {
  std::string text = stop_.push(utf8_.finish());
  text += stop_.finish();
  return split(std::move(text), true);
}

AnswerStream::Parts AnswerStream::split(std::string text, bool is_end) {
  Parts parts{std::move(text), {}, {}};
  if (reasoning_) {
    ReasoningSplitter::Parts thought = reasoning_->push(parts.text);
    if (is_end) {
      const ReasoningSplitter::Parts held = reasoning_->finish();
      thought.text += held.text;
      thought.reasoning += held.reasoning;
    }
    parts.text = std::move(thought.text);
    parts.reasoning = std::move(thought.reasoning);
  }
  if (!tools_) return parts;
  ToolCallSplitter::Parts found = tools_->push(parts.text);
  if (is_end) {
    ToolCallSplitter::Parts held = tools_->finish();
    found.text += held.text;
    std::ranges::move(held.tool_calls, std::back_inserter(found.tool_calls));
  }
  parts.text = std::move(found.text);
  parts.tool_calls = std::move(found.tool_calls);
  return parts;
}

}  // namespace tenfold
