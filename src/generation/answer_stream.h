// From the bytes of tokens to what a user sees: UTF-8, stop strings, reasoning, calls of tools.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generation/stop_strings.h"
#include "generation/utf8_assembler.h"
#include "text/reasoning.h"
#include "text/tool_calls.h"

namespace tenfold {

/// The text of one answer. Stop strings count in what follows the thought. Everything push() and
/// finish() return, concatenated, is the same however the bytes are cut. A value type.
class AnswerStream {
 public:
  struct Parts {
    std::string text;
    std::string reasoning;
    std::vector<ToolCall> tool_calls;  ///< their ids are empty
  };

  /// `reasoning`, `tools`: the splitters to use; absent: marks and calls stay in the text.
  AnswerStream(std::vector<std::string> stop, std::optional<ReasoningSplitter> reasoning,
               std::optional<ToolCallSplitter> tools = std::nullopt)
      : reasoning_(std::move(reasoning)), stop_(std::move(stop)), tools_(std::move(tools)) {}

  Parts push(std::string_view bytes);
  /// The end of the answer: what was held back.
  Parts finish();

  /// What the last push() had of the answer, if the thought ended in it.
  [[nodiscard]] const std::string& begun_answer() const { return begun_answer_; }

  /// The stop string that ended the answer; finish() may find one as well.
  [[nodiscard]] const std::optional<std::string>& stop_string() const { return stop_.matched(); }

  /// Whether a special token is to be pushed: thoughts or calls of tools are marked with it.
  [[nodiscard]] bool needs_special(std::string_view token) const {
    return (reasoning_ && reasoning_->is_mark(token)) || (tools_ && tools_->is_mark(token));
  }

  /// Whether the answer is at its thought.
  [[nodiscard]] bool is_thinking() const { return reasoning_ && reasoning_->is_inside(); }

  /// ToolCallSplitter::begun_call().
  [[nodiscard]] std::string_view begun_call() const {
    return tools_ ? tools_->begun_call() : std::string_view();
  }

  /// Whether the answer has ended with calls of tools, by a mark of their form.
  [[nodiscard]] bool calls_closed() const { return tools_ && tools_->is_closed(); }

 private:
  Parts split(std::string text, bool is_end);

  Utf8Assembler utf8_;
  std::optional<ReasoningSplitter> reasoning_;
  StopStrings stop_;
  std::string begun_answer_;
  std::optional<ToolCallSplitter> tools_;
};

}  // namespace tenfold
