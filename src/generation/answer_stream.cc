#include "generation/answer_stream.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenfold {

AnswerStream::Parts AnswerStream::push(std::string_view bytes) {
  return split(utf8_.push(bytes), false);
}

AnswerStream::Parts AnswerStream::finish() { return split(utf8_.finish(), true); }

AnswerStream::Parts AnswerStream::split(std::string text, bool is_end) {
  Parts parts{std::move(text), {}, {}};
  if (reasoning_) {
    const bool was_inside = reasoning_->is_inside();
    ReasoningSplitter::Parts thought = reasoning_->push(parts.text);
    if (is_end) {
      const ReasoningSplitter::Parts held = reasoning_->finish();
      thought.text += held.text;
      thought.reasoning += held.reasoning;
    }
    parts.text = std::move(thought.text);
    begun_answer_ = was_inside && !reasoning_->is_inside() ? parts.text : std::string();
    parts.reasoning = std::move(thought.reasoning);
  }
  parts.text = stop_.push(parts.text);
  if (is_end) parts.text += stop_.finish();
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
