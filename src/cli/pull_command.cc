// tenfold pull: a model of a catalogue, of the Hugging Face Hub, or of a URL, into the store.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/interrupts.h"
#include "cli/pull_progress.h"
#include "models/model_json.h"
#include "models/pull_any.h"
#include "service/outlook.h"

namespace tenfold {

Result<ExitCode> pull_command(CommandContext& context) {
  Console& console = context.console;
  const CatalogueModel model = TRY(pull_target(context.words[0]));
  Interrupts interrupts;
  bool interrupted = false;
  PullProgressPrinter printer(console);
  if (const std::string warning = download_warning(model); !warning.empty())
    printer.notice(warning);
  PullOptions options;
  options.store = context.store;
  options.on_step = [&](const std::string& line) { printer.notice(line); };
  options.cancelled = [&] { return interrupted = interrupted || interrupts.take(); };
  options.show_download = console.stderr_is_terminal();
  Result<Pulled> result =
      pull_any(model, options, [&](const PullProgress& progress) { printer.show(progress); });
  console.clear_progress();
  const Pulled pulled = TRY(std::move(result));
  if (console.json()) {
    Json event = to_json(pulled.model);
    event["event"] = "done";
    event["downloaded"] = pulled.downloaded;
    console.line(event.dump());
  } else {
    console.line(fmt::format("{} {} {}", pulled.model.name,
                             pulled.downloaded ? "is now in" : "was already in",
                             pulled.model.path.string()));
  }
  return ExitCode::ok;
}

}  // namespace tenfold
