#include "cli/answer_printer.h"

#include <fmt/format.h>

#include <cstdio>

namespace tenfold {

void AnswerPrinter::read(const PromptProgress& progress) {
  // What is read at once on any machine needs no line.
  constexpr int few_tokens = 64;
  if (progress.read == progress.total) return console_.clear_progress();
  if (progress.total - progress.cached < few_tokens) return;
  console_.progress(
      fmt::format("reading the prompt: {} of {} tokens", progress.read, progress.total));
}

void AnswerPrinter::add(const Delta& delta) {
  if (show_reasoning_ && !delta.reasoning.empty()) reasoning(delta.reasoning);
  if (delta.text.empty()) return;
  end_reasoning();
  console_.text(delta.text);
  open_line_ = !delta.text.ends_with('\n');
}

void AnswerPrinter::finish() {
  end_reasoning();
  if (open_line_) console_.text("\n");
  open_line_ = false;
}

void AnswerPrinter::reasoning(const std::string& text) {
  console_.clear_progress();
  const char* start = !in_reasoning_ && console_.stderr_is_terminal() ? faint_on : "";
  in_reasoning_ = true;
  std::fputs((start + without_controls(text)).c_str(), stderr);
}

void AnswerPrinter::end_reasoning() {
  if (!in_reasoning_) return;
  in_reasoning_ = false;
  std::fputs(console_.stderr_is_terminal() ? faint_off : "", stderr);
  std::fputs("\n", stderr);
}

std::string finish_note(FinishReason reason) {
  switch (reason) {
    case FinishReason::cancelled:
      return "the answer was stopped";
    case FinishReason::deadline:
      return "the deadline ran out; the answer is incomplete";
    case FinishReason::context_full:
      return "the context is full; the answer is incomplete (raise --ctx)";
    case FinishReason::length:
      return "the answer ends at --max-tokens";
    case FinishReason::engine_died:
      return "the engine died; the answer is incomplete";
    case FinishReason::repetition:
      return "the answer came to repeat itself without end and was stopped there (--repeat-penalty "
             "1.1 may help; --allow-repetition lets it go on)";
    case FinishReason::stop:
    case FinishReason::stop_string:
    case FinishReason::tool_call:
      break;
  }
  return {};
}

}  // namespace tenfold
