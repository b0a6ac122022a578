#include "text/tool_calls.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "text/tool_call_reader.h"

namespace tenfold {
namespace {

/// Above this, a call is looked at again only when something arrives that may end it.
constexpr std::size_t short_call = 512;

std::string trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(white_space), text.size());
  text.remove_prefix(begin);
  return std::string(text.substr(0, text.find_last_not_of(white_space) + 1));
}

/// Length of the end of `text` that may belong to a call to come: a beginning of `mark` with the
/// white space before it.
std::size_t undecided(std::string_view text, std::string_view mark) {
  std::size_t length = std::min(text.size(), mark.size() - 1);
  while (!text.ends_with(mark.substr(0, length))) --length;
  const std::string_view before = text.substr(0, text.size() - length);
  return text.size() - (before.find_last_not_of(white_space) + 1);
}

}  // namespace

ToolCallSplitter::ToolCallSplitter(const ToolForm& form, std::vector<std::string> tool_names,
                                   std::vector<Tool> tools)
    : form_(form), names_(std::move(tool_names)), tools_(std::move(tools)) {
  for (const std::string& mark : {form.open_section, form.open}) {
    // Up to the first white space, which models write or not.
    const std::string begin = trimmed(mark);
    if (!begin.empty()) triggers_.push_back(begin.substr(0, begin.find_first_of(white_space)));
  }
}

ToolCallSplitter::Parts ToolCallSplitter::push(std::string_view text) {
  Parts parts;
  held_ += text;
  const bool may_end = text.find_first_of("}]>") != std::string_view::npos;
  if (state_ != State::call || held_.size() < short_call || may_end) advance(parts, false);
  return parts;
}

ToolCallSplitter::Parts ToolCallSplitter::finish() {
  Parts parts;
  advance(parts, true);
  if (state_ != State::between && state_ != State::closed) parts.text += held_;
  held_.clear();
  return parts;
}

bool ToolCallSplitter::is_mark(std::string_view special_token) const {
  const std::string* marks[] = {
      &form_.open_section,  &form_.open,           &form_.middle,           &form_.close,
      &form_.close_section, &form_.parameter_open, &form_.parameter_middle, &form_.parameter_close};
  return !special_token.empty() && std::ranges::any_of(marks, [&](const std::string* mark) {
    return mark->find(special_token) != std::string::npos;
  });
}

std::string_view ToolCallSplitter::begun_call() const {
  if (state_ != State::call) return {};
  std::string_view call = held_;
  call.remove_prefix(std::min(call.find_first_not_of(white_space), call.size()));
  const bool is_marked = std::ranges::any_of(
      triggers_, [&](const std::string& trigger) { return call.starts_with(trigger); });
  return is_marked ? call : std::string_view();
}

void ToolCallSplitter::advance(Parts& parts, bool is_end) {
  bool moves = true;
  while (moves && !held_.empty()) {
    switch (state_) {
      case State::start:
      case State::text:
        moves = find_call(parts, is_end);
        break;
      case State::call:
        moves = read_call(parts, is_end);
        break;
      case State::between:
        moves = leave_calls(is_end);
        break;
      case State::closed:
        held_.clear();
        break;
    }
  }
}

/// Lets text through up to where a call begins or may begin.
bool ToolCallSplitter::find_call(Parts& parts, bool is_end) {
  if (state_ == State::start) {
    const std::size_t first = held_.find_first_not_of(white_space);
    if (first == std::string::npos) return false;
    state_ = form_.is_bare && held_[first] == '{' ? State::call : State::text;
    return true;
  }
  std::size_t begin = held_.size();
  std::size_t kept = is_end ? 0 : held_.size() - (held_.find_last_not_of(white_space) + 1);
  for (const std::string& trigger : triggers_) {
    begin = std::min(begin, held_.find(trigger));
    if (!is_end) kept = std::max(kept, undecided(held_, trigger));
  }
  if (begin == held_.size()) {
    parts.text.append(held_, 0, held_.size() - kept);
    held_.erase(0, held_.size() - kept);
    return false;
  }
  state_ = State::call;
  // The white space before a call goes with it, unless it turns out to be none.
  begin = begin == 0 ? 0 : held_.find_last_not_of(white_space, begin - 1) + 1;
  parts.text.append(held_, 0, begin);
  held_.erase(0, begin);
  return true;
}

bool ToolCallSplitter::read_call(Parts& parts, bool is_end) {
  ReadCalls read = read_tool_calls(form_, names_, tools_, held_, is_end);
  if (read.outcome == ReadCalls::Outcome::partial) return false;
  if (read.outcome == ReadCalls::Outcome::whole) {
    held_.erase(0, read.size);
    std::ranges::move(read.calls, std::back_inserter(parts.tool_calls));
    state_ = State::between;
    return true;
  }
  // Its first character is text; from the next one on there may be another call.
  const std::size_t first = held_.find_first_not_of(white_space) + 1;
  parts.text.append(held_, 0, first);
  held_.erase(0, first);
  state_ = State::text;
  return true;
}

/// After a call: another one, the end of all, or text again.
bool ToolCallSplitter::leave_calls(bool is_end) {
  const auto skip = [&] {
    held_.erase(0, std::min(held_.find_first_not_of(white_space), held_.size()));
  };
  skip();
  using Kind = MarkMatch::Kind;
  bool may_match = false;
  const auto is_next = [&](const std::string& mark) {
    const MarkMatch match = match_mark(mark, held_);
    may_match = may_match || match.kind == Kind::partial;
    return !mark.empty() && match.kind == Kind::whole;
  };
  if (is_next(form_.close_section)) {
    state_ = State::closed;
    return true;
  }
  const std::string separator = trimmed(form_.separator);
  if (is_next(separator)) {
    held_.erase(0, match_mark(separator, held_).size);
    skip();
    may_match = false;
  }
  if (std::ranges::any_of(triggers_, is_next) || (form_.is_bare && held_.starts_with('{'))) {
    state_ = State::call;
    return true;
  }
  if (held_.empty() || (may_match && !is_end)) return false;
  state_ = State::text;
  return true;
}

}  // namespace tenfold
