// The commands of the tenfold program: one table, from which dispatch and help come.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/settings.h"
#include "models/store.h"
#include "tenfold/result.h"

namespace tenfold {

struct Command;
/// What a command works with.
struct CommandContext {
  const Command& command;
  Settings settings;
  GivenOptions given;              ///< what stood on the command line itself
  std::vector<std::string> words;  ///< arguments that are no options
  Console& console;
  SettingsSource source;  ///< where else settings come from
  ModelStore store = {};  ///< the one of this process
};

using RunCommand = Result<ExitCode> (*)(CommandContext&);

struct Command {
  std::string_view name;
  unsigned bit;                ///< CommandBit, for the option table
  std::string_view word_name;  ///< in usage lines, e.g. "[PROMPT…]"
  std::size_t least_words;
  std::size_t most_words;
  std::string_view summary;
  std::string_view details;  ///< paragraphs for the command's own help
  RunCommand run;            ///< nullptr: the program tenfold-server runs it
};

Result<ExitCode> run_command(CommandContext& context);
Result<ExitCode> chat_command(CommandContext& context);
Result<ExitCode> engines_command(CommandContext& context);
Result<ExitCode> pull_command(CommandContext& context);
Result<ExitCode> search_command(CommandContext& context);
Result<ExitCode> list_command(CommandContext& context);
Result<ExitCode> import_command(CommandContext& context);
Result<ExitCode> adopt_command(CommandContext& context);
Result<ExitCode> rm_command(CommandContext& context);
Result<ExitCode> gc_command(CommandContext& context);
Result<ExitCode> du_command(CommandContext& context);
Result<ExitCode> compile_command(CommandContext& context);
Result<ExitCode> inspect_command(CommandContext& context);
Result<ExitCode> bench_command(CommandContext& context);
Result<ExitCode> score_command(CommandContext& context);
Result<ExitCode> verify_command(CommandContext& context);
Result<ExitCode> rpc_worker_command(CommandContext& context);
Result<ExitCode> completion_command(CommandContext& context);
Result<ExitCode> man_command(CommandContext& context);

std::span<const Command> command_table();

/// nullptr for an unknown name.
const Command* find_command(std::string_view name);

}  // namespace tenfold
