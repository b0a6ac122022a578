#include "text/reasoning.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace tenfold {
namespace {

/// What is special comes before what is general.
constexpr auto forms = std::to_array<ThoughtForm>({
    {"<seed:think>", "</seed:think>"},
    {"<mm:think>", "</mm:think>"},
    {"[THINK]", "[/THINK]"},
    {"<|START_THINKING|>", "<|END_THINKING|>"},
    {"<|channel>thought", "<channel|>"},
    {"<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>",
     "<|channel|>final<|message|>"},
    {"<think>", "</think>"},
});

/// Length of the longest end of `text` that is a beginning of `tag`, but not all of it.
std::size_t partial_tag(std::string_view text, std::string_view tag) {
  std::size_t length = std::min(text.size(), tag.size() - 1);
  while (!text.ends_with(tag.substr(0, length))) --length;
  return length;
}

}  // namespace

const ThoughtForm& usual_thought_form() { return forms.back(); }

const ThoughtForm* find_thought_form(std::string_view template_source) {
  const auto shows = [&](const ThoughtForm& form) {
    // Templates that open a thought need not spell its end, those that cut it from history not its
    // beginning.
    return template_source.find(form.open) != std::string_view::npos ||
           template_source.find(form.close) != std::string_view::npos;
  };
  const auto* form = std::ranges::find_if(forms, shows);
  return form == forms.end() ? nullptr : form;
}

bool ends_in_open_thought(std::string_view prompt, const ThoughtForm& form) {
  const auto last = prompt.find_last_not_of(white_space);
  return last != std::string_view::npos && prompt.substr(0, last + 1).ends_with(form.open);
}

bool ReasoningSplitter::is_mark(std::string_view token) const {
  if (state_ == State::text || token.empty()) return false;
  for (const std::string_view mark : {form_.open, form_.close, form_.none}) {
    if (mark.find(token) != std::string_view::npos) return true;
  }
  return false;
}

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
  if (begin.starts_with(form_.open)) {
    held_.erase(0, gap + form_.open.size());
    state_ = State::reasoning;
    trim_ = true;
  } else if (!form_.none.empty() && begin.starts_with(form_.none)) {
    held_.erase(0, gap + form_.none.size());
    state_ = State::text;
  } else if (!form_.open.starts_with(begin) && !form_.none.starts_with(begin)) {
    state_ = State::text;
  }
}

std::string ReasoningSplitter::take_reasoning() {
  trim("\r\n");
  const std::size_t end = held_.find(form_.close);
  std::string reasoning;
  if (end == std::string::npos) {
    reasoning = held_.substr(0, held_.size() - partial_tag(held_, form_.close));
    held_.erase(0, reasoning.size());
    return reasoning;
  }
  reasoning = held_.substr(0, end);
  held_.erase(0, end + form_.close.size());
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
