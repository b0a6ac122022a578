// Splits <think>…</think> from an answer while it streams.
#pragma once

#include <string>
#include <string_view>

namespace tenfold {

/// Feed it text deltas in any cut; what comes out concatenates to the whole, without the tags and
/// the white space around them: all of it before <think> and after </think>, newlines after
/// <think>. Only a <think> that begins the answer opens reasoning; a later one is text. What may be
/// the start of a tag is held back until it is known. A value type.
class ReasoningSplitter {
 public:
  struct Parts {
    std::string text;
    std::string reasoning;
  };

  /// `starts_inside`: the prompt itself ended with an open <think> tag.
  explicit ReasoningSplitter(bool starts_inside = false)
      : state_(starts_inside ? State::reasoning : State::start), trim_(starts_inside) {}

  Parts push(std::string_view delta);
  /// The end of the answer: gives back what was held.
  Parts finish();

 private:
  enum class State { start, reasoning, text };

  void leave_start();
  std::string take_reasoning();
  void trim(std::string_view characters);

  std::string held_;
  State state_;
  bool trim_;  ///< white space is still to be dropped from the start of the current part
};

}  // namespace tenfold
