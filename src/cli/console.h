// What the commands print: text or JSON on standard output, errors and notes on standard error.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "cli/exit_code.h"
#include "tenfold/error.h"

namespace tenfold {

class Console {
 public:
  explicit Console(bool json);

  /// Whether --json asked for one object instead of text.
  [[nodiscard]] bool json() const { return json_; }
  void set_json(bool json) { json_ = json; }
  [[nodiscard]] bool stdin_is_terminal() const { return stdin_is_terminal_; }
  [[nodiscard]] bool stdout_is_terminal() const { return stdout_is_terminal_; }
  [[nodiscard]] bool stderr_is_terminal() const { return stderr_is_terminal_; }

  /// To standard output, at once. Control characters other than newline and tab do not reach a
  /// terminal: what a model writes must not be able to command it.
  void text(std::string_view text);
  void line(std::string_view text);
  void object(const nlohmann::json& object);

  /// A line on standard error.
  void note(std::string_view text);
  /// The same, unless it was written so before.
  void note_once(std::string_view text);
  /// A note that the next one overwrites; only on a terminal.
  void progress(std::string_view text);
  void clear_progress();

  /// "tenfold: <message>" and the hint on standard error; with --json an error object on standard
  /// output. Returns the exit code of the error.
  ExitCode error(const Error& error);

  /// Whether standard output could not be written, e.g. because the reader of a pipe left.
  [[nodiscard]] bool output_failed() const { return output_failed_; }

 private:
  bool json_;
  bool stdin_is_terminal_;
  bool stdout_is_terminal_;
  bool stderr_is_terminal_;
  bool output_failed_ = false;
  bool progress_shown_ = false;
  std::set<std::string, std::less<>> noted_;
};

/// `text` without C0 and C1 control characters other than newline and tab.
std::string without_controls(std::string_view text);

/// Where a faint text starts and ends on a terminal.
inline constexpr const char* faint_on = "\x1b[2m";
inline constexpr const char* faint_off = "\x1b[0m";

}  // namespace tenfold
