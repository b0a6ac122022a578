// tenfold pull: the models of the catalogue.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/interrupts.h"
#include "engine/json.h"
#include "models/pull.h"

namespace tenfold {
namespace {

constexpr double mebibyte = 1 << 20;

Json model_object(const CatalogueModel& model, bool stored) {
  return {{"name", model.name},
          {"title", model.title},
          {"about", model.about},
          {"licence", model.licence},
          {"format", model.format},
          {"bytes", model.bytes.value_or(0)},
          {"sha256", model.sha256},
          {"status", stored ? "present" : "absent"},
          {"path", stored_path(model).string()},
          {"default", model.name == built_in_catalogue().default_name}};
}

}  // namespace

Result<ExitCode> pull_command(CommandContext& context) {
  Console& console = context.console;
  const CatalogueModel* model = built_in_catalogue().find(context.words[0]);
  if (model == nullptr) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("there is no model \"{}\" to pull", context.words[0]),
                "`tenfold search` lists the models");
  }
  Interrupts interrupts;
  bool interrupted = false;
  PullOptions options;
  options.on_step = [&](const std::string& line) { console.note(line); };
  options.cancelled = [&] { return interrupted = interrupted || interrupts.take(); };
  options.show_download = console.stderr_is_terminal();
  const PullOutcome outcome = TRY(pull_model(*model, options));
  const bool downloaded = outcome == PullOutcome::downloaded;
  if (console.json()) {
    Json object = model_object(*model, true);
    object["downloaded"] = downloaded;
    console.object(object);
  } else {
    console.line(fmt::format("{} {} {}", model->name, downloaded ? "is now in" : "was already in",
                             stored_path(*model).string()));
  }
  return ExitCode::ok;
}

}  // namespace tenfold
