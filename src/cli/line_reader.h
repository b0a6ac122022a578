// Lines from the user of a chat: edited, with history, on a terminal; plain from a pipe.
#pragma once

#include <memory>
#include <string>

#include "cli/console.h"
#include "cli/interrupts.h"

namespace tenfold {

struct ReadLine {
  enum class Kind { line, end, interrupted };
  Kind kind = Kind::end;
  std::string text;  ///< without its newline
};

class LineReader {
 public:
  virtual ~LineReader() = default;
  /// Waits for a line. `prompt` is shown on a terminal only. Interrupted: Ctrl-C was pressed, and
  /// what was typed on this line is dropped.
  virtual ReadLine read(const std::string& prompt) = 0;
  /// Offers the text for the up arrow.
  virtual void remember(const std::string& /*text*/) {}
};

/// A line editor if standard input and output are terminals, otherwise a plain reader. The history
/// is kept in `history_path`. Both arguments must outlive the reader.
std::unique_ptr<LineReader> make_line_reader(const Console& console, Interrupts& interrupts,
                                             const std::string& history_path);

/// The plain reader.
std::unique_ptr<LineReader> make_pipe_reader(Interrupts& interrupts);

/// The line editor (libedit).
std::unique_ptr<LineReader> make_terminal_reader(Interrupts& interrupts,
                                                 const std::string& history_path);

}  // namespace tenfold
