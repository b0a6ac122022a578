// Splits <think>…</think> from an answer while it streams.
#pragma once

#include <string>
#include <string_view>

namespace tenfold {

/// Feed it text deltas in any cut; what comes out concatenates to the whole, without the tags.
/// Text that may be the start of a tag is held back until it is known. A value type.
class ReasoningSplitter {
 public:
  struct Parts {
    std::string text;
    std::string reasoning;
  };

  /// `starts_inside`: the prompt itself ended with an open <think> tag.
  explicit ReasoningSplitter(bool starts_inside = false) : inside_(starts_inside) {}

  Parts push(std::string_view delta);
  /// The end of the answer: gives back what was held.
  Parts finish();

 private:
  std::string held_;
  bool inside_ = false;
  bool trim_ = false;
};

}  // namespace tenfold
