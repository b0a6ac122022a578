#include "cli/help.h"

#include <fmt/format.h>

#include "base/paths.h"

namespace tenfold {
namespace {

constexpr std::size_t help_column = 30;

/// "  left          right", or on two lines where the left is too long.
std::string row(const std::string& left, const std::string& right) {
  if (left.size() + 2 < help_column) {
    return fmt::format("  {:<{}}{}\n", left, help_column - 2, right);
  }
  return fmt::format("  {}\n{:{}}{}\n", left, "", help_column, right);
}

std::string option_row(const Option& option) {
  std::string left = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
  left += "--" + std::string(option.name);
  if (!option.value_name.empty()) left += " " + std::string(option.value_name);
  std::string right(option.help);
  if (option.repeatable) right += "; may be repeated";
  const std::string_view without = option.default_text.empty() ? option.unset : option.default_text;
  if (!without.empty()) right += fmt::format(" [{}]", without);
  return row(left, right);
}

}  // namespace

std::string general_help() {
  std::string text = "tenfold " TENFOLD_VERSION
                     ": runs language models on this machine\n\n"
                     "Usage: tenfold COMMAND [OPTIONS]\n\nCommands:\n";
  for (const Command& command : command_table()) {
    text +=
        row(fmt::format("{} {}", command.name, command.word_name), std::string(command.summary));
  }
  text += row("version", "show the version");
  text += row("help [COMMAND]", "show the options of a command");
  text += "\nOptions:\n";
  text += row("-h, --help", "show this text");
  text += row("    --version", "show the version");
  return text + "\n" + exit_code_help;
}

std::string command_help(const Command& command) {
  std::string text = fmt::format("tenfold {}: {}\n\nUsage: tenfold {}{}{} [OPTIONS]\n",
                                 command.name, command.summary, command.name,
                                 command.word_name.empty() ? "" : " ", command.word_name);
  if (!command.details.empty()) text += fmt::format("\n{}", command.details);
  text += "\nOptions:\n";
  for (const Option& option : option_table()) {
    if ((option.commands & command.bit) != 0) text += option_row(option);
  }
  text += row("-h, --help", "show this text");
  text += fmt::format(
      "\nDefaults are in brackets. An option such as --max-tokens can also be set by the variable\n"
      "TENFOLD_MAX_TOKENS, or by the key max_tokens in {}.\n"
      "The command line comes before the environment, and that before the file.\n\n",
      (config_folder() / "config.json").string());
  return text + exit_code_help;
}

}  // namespace tenfold
