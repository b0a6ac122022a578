// From the bytes of tokens to the text a user sees: UTF-8, then stop strings, then reasoning.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generation/stop_strings.h"
#include "generation/utf8_assembler.h"
#include "text/reasoning.h"

namespace tenfold {

/// Whether a prompt ends in an open <think> tag (and white space), so that the answer begins with
/// reasoning.
bool ends_in_open_reasoning(std::string_view prompt);

/// The text of one answer. Everything push() and finish() return, concatenated, is the same however
/// the bytes are cut. A value type.
class AnswerStream {
 public:
  using Parts = ReasoningSplitter::Parts;

  /// `reasoning`: the splitter to use; absent: tags stay in the text.
  AnswerStream(std::vector<std::string> stop, std::optional<ReasoningSplitter> reasoning)
      : stop_(std::move(stop)), reasoning_(std::move(reasoning)) {}

  Parts push(std::string_view bytes);
  /// The end of the answer: what was held back.
  Parts finish();

  /// The stop string that ended the answer; finish() may find one as well.
  [[nodiscard]] const std::optional<std::string>& stop_string() const { return stop_.matched(); }

 private:
  Parts split(std::string text);

  Utf8Assembler utf8_;
  StopStrings stop_;
  std::optional<ReasoningSplitter> reasoning_;
};

}  // namespace tenfold
