// Finds stop strings in streamed text without letting any part of one through.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenfold {

/// The match that counts is the first by position in the text; of several at one position, the
/// first in the list. The result does not depend on how the text is cut: text is held back exactly
/// while it may still become part of that match. A value type.
class StopStrings {
 public:
  /// Empty stop strings are not allowed.
  explicit StopStrings(std::vector<std::string> stop) : stop_(std::move(stop)) {}

  /// The text that is now known to precede every stop string. After a match: nothing.
  std::string push(std::string_view text) { return scan(text, true); }
  /// The end of the text: what was held back, up to a match in it.
  std::string finish() { return scan({}, false); }

  /// The stop string that was found.
  [[nodiscard]] const std::optional<std::string>& matched() const { return matched_; }

 private:
  std::string scan(std::string_view text, bool more_may_follow);

  std::vector<std::string> stop_;
  std::string held_;
  std::optional<std::string> matched_;
};

}  // namespace tenfold
