#include "cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <new>

#include "base/nearest.h"
#include "base/paths.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/server_program.h"

namespace tenfold {
namespace {

constexpr const char* usage_hint = "run: tenfold help";

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// What other programs call our commands.
constexpr std::pair<std::string_view, std::string_view> foreign_commands[] = {
    {"ls", "list"},       {"models", "list"},  {"remove", "rm"},      {"delete", "rm"},
    {"download", "pull"}, {"server", "serve"}, {"benchmark", "bench"}};

Error unknown_command(const std::string& name) {
  std::vector<std::string_view> names{"help", "version"};
  for (const Command& command : command_table()) names.push_back(command.name);
  std::string hint = did_you_mean(name, names, usage_hint);
  for (const auto& [foreign, ours] : foreign_commands) {
    if (name == foreign) hint = fmt::format("did you mean {}?", ours);
  }
  return fail(ErrorCode::invalid_argument, fmt::format("there is no command \"{}\"", name), hint);
}

Result<ExitCode> help(const std::vector<std::string>& words, Console& console) {
  if (words.empty()) {
    console.text(general_help());
    return ExitCode::ok;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) return unknown_command(words[0]);
  console.text(command_help(*command));
  return ExitCode::ok;
}

Result<void> check_words(const Command& command, const std::vector<std::string>& words) {
  if (words.size() > command.most_words) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} does not take \"{}\"", command.name, words[command.most_words]),
                fmt::format("run: tenfold help {}", command.name));
  }
  if (words.size() < command.least_words) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} needs {}", command.name, command.word_name),
                fmt::format("run: tenfold help {}", command.name));
  }
  return {};
}

Result<ExitCode> dispatch(const std::vector<std::string>& arguments, RunCommand server,
                          Console& console) {
  if (arguments.empty()) {
    console.note(general_help());
    return ExitCode::usage;
  }
  const std::string& name = arguments[0];
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (name == "--version" || name == "version") {
    console.line("tenfold " TENFOLD_VERSION);
    return ExitCode::ok;
  }
  if (name == "--help" || name == "-h" || name == "help") return help(rest, console);
  const Command* command = find_command(name);
  if (command == nullptr) return unknown_command(name);
  Arguments parsed = TRY(parse_arguments(command->bit, rest));
  if (parsed.help) return help({name}, console);
  TRY(check_words(*command, parsed.words));
  const RunCommand run = command->run != nullptr ? command->run : server;
  // Before the settings, as some come from pipes or a terminal, once.
  if (run == nullptr) return become_server_program(name, arguments);
  SettingsSource source{environment_variable, (config_folder() / "config.json").string()};
  CommandContext context{
      *command,       TRY(Settings::resolve(command->bit, parsed.options, source)),
      parsed.options, std::move(parsed.words),
      console,        std::move(source)};
  console.set_json(context.settings.flag("json"));
  return run(context);
}

}  // namespace

int run_cli(const std::vector<std::string>& arguments, RunCommand server) {
  std::setlocale(LC_CTYPE, "");
  // Errors in the arguments themselves must already come in the form that was asked for.
  const auto words_only = std::ranges::find(arguments, "--");
  Console console(std::find(arguments.begin(), words_only, "--json") != words_only);
  try {
    const Result<ExitCode> result = dispatch(arguments, server, console);
    ExitCode code = result.ok() ? result.value() : console.error(result.error());
    if (code == ExitCode::ok && console.output_failed()) code = ExitCode::request_failed;
    return static_cast<int>(code);
  } catch (const std::bad_alloc&) {
    return static_cast<int>(console.error(fail(ErrorCode::out_of_memory, "out of memory")));
  } catch (const std::exception& error) {
    return static_cast<int>(console.error(fail(ErrorCode::internal, error.what())));
  }
}

}  // namespace tenfold
