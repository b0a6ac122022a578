#include "cli/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "engine/json.h"

namespace tenfold {

std::string without_controls(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
    // U+0080 … U+009F are C2 80 … C2 9F in UTF-8.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    if (!c0 && !c1) out += text[i];
  }
  return out;
}

Console::Console(bool json)
    : json_(json),
      stdin_is_terminal_(::isatty(STDIN_FILENO) == 1),
      stdout_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      stderr_is_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Console::text(std::string_view text) {
  clear_progress();
  const std::string safe = stdout_is_terminal_ ? without_controls(text) : std::string(text);
  const bool written = std::fwrite(safe.data(), 1, safe.size(), stdout) == safe.size();
  if (std::fflush(stdout) != 0 || !written) output_failed_ = true;
}

void Console::line(std::string_view text) { this->text(std::string(text) + "\n"); }

void Console::object(const nlohmann::json& object) {
  line(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Console::note(std::string_view text) {
  clear_progress();
  std::fputs((without_controls(text) + "\n").c_str(), stderr);
}

void Console::note_once(std::string_view text) {
  if (noted_.insert(std::string(text)).second) note(text);
}

void Console::progress(std::string_view text) {
  if (!stderr_is_terminal_) return;
  std::fputs(("\r\x1b[K" + without_controls(text)).c_str(), stderr);
  progress_shown_ = true;
}

void Console::clear_progress() {
  if (!progress_shown_) return;
  std::fputs("\r\x1b[K", stderr);
  progress_shown_ = false;
}

ExitCode Console::error(const Error& error) {
  clear_progress();
  if (json_) {
    object({{"error", to_json(error)}});
  } else {
    note("tenfold: " + error.message);
    if (!error.hint.empty()) note("hint: " + error.hint);
  }
  return exit_code(error.code);
}

}  // namespace tenfold
