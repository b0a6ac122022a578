// Splits the thought from an answer while it streams.
#pragma once

#include <string>
#include <string_view>

namespace tenfold {

/// How a family of models marks the thought before an answer. The texts live as long as the
/// program.
struct ThoughtForm {
  std::string_view open;
  std::string_view close;
  std::string_view none = {};  ///< begins an answer without a thought; empty: nothing does
};

/// <think>…</think>, which most models write.
const ThoughtForm& usual_thought_form();

/// The form that a chat template shows, by the marks in its text; nullptr: none that we know, so
/// the model was not made to think.
const ThoughtForm* find_thought_form(std::string_view template_source);

/// Whether a prompt ends inside a thought: in its open mark and white space.
bool ends_in_open_thought(std::string_view prompt, const ThoughtForm& form);

/// Feed it text deltas in any cut; what comes out concatenates to the whole, without the marks and
/// the white space around them: all of it before the open and after the close mark, newlines after
/// the open mark. Only a mark that begins the answer opens a thought; a later one is text. What may
/// be the start of a mark is held back until it is known. A value type.
class ReasoningSplitter {
 public:
  struct Parts {
    std::string text;
    std::string reasoning;
  };

  /// `starts_inside`: the prompt itself ended with an open mark.
  explicit ReasoningSplitter(bool starts_inside = false,
                             const ThoughtForm& form = usual_thought_form())
      : form_(form),
        state_(starts_inside ? State::reasoning : State::start),
        trim_(starts_inside) {}

  Parts push(std::string_view delta);
  /// The end of the answer: gives back what was held.
  Parts finish();

  /// Whether what comes next belongs to the thought, or may.
  [[nodiscard]] bool is_inside() const { return state_ == State::reasoning; }
  /// Whether a special token is to be pushed, as it may be part of a mark.
  [[nodiscard]] bool is_mark(std::string_view token) const;

 private:
  enum class State { start, reasoning, text };

  void leave_start();
  std::string take_reasoning();
  void trim(std::string_view characters);

  ThoughtForm form_;
  std::string held_;
  State state_;
  bool trim_;  ///< white space is still to be dropped from the start of the current part
};

}  // namespace tenfold
