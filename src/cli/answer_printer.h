// Prints an answer while it streams.
#pragma once

#include <string>

#include "cli/console.h"
#include "tenfold/engine.h"
#include "tenfold/request.h"

namespace tenfold {

/// The answer goes to standard output, the reasoning, if wanted, faint to standard error.
class AnswerPrinter {
 public:
  AnswerPrinter(Console& console, bool show_reasoning)
      : console_(console), show_reasoning_(show_reasoning) {}

  /// A line on standard error for as long as the prompt is read; only on a terminal.
  void read(const PromptProgress& progress);
  void add(const Delta& delta);
  /// Ends the last line, if anything was printed.
  void finish();

 private:
  void reasoning(const std::string& text);
  void end_reasoning();

  Console& console_;
  bool show_reasoning_;
  bool in_reasoning_ = false;
  bool open_line_ = false;
};

/// A sentence on an answer that is incomplete; empty for one that is not.
std::string finish_note(FinishReason reason);

}  // namespace tenfold
