// tenfold completion and tenfold man: what shells and man are told of the program.
#include "cli/command.h"
#include "cli/completion.h"

namespace tenfold {

Result<ExitCode> completion_command(CommandContext& context) {
  const std::string& what = context.words.front();
  if (what == "models") {
    for (const StoredModel& model : TRY(context.store.list())) context.console.line(model.name);
  } else {
    context.console.text(TRY(completion_script(what)));
  }
  return ExitCode::ok;
}

Result<ExitCode> man_command(CommandContext& context) {
  context.console.text(manual_page());
  return ExitCode::ok;
}

}  // namespace tenfold
