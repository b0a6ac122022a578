// tenfold pull and tenfold list: the models of the catalogue.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/interrupts.h"
#include "engine/json.h"
#include "models/pull.h"
#include "models/store.h"

namespace tenfold {
namespace {

constexpr double mebibyte = 1 << 20;

Json model_object(const CatalogueModel& model) {
  return {{"name", model.name},
          {"title", model.title},
          {"about", model.about},
          {"licence", model.licence},
          {"format", model.format},
          {"bytes", model.bytes},
          {"sha256", model.sha256},
          {"status", is_stored(model) ? "present" : "absent"},
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
                "the models are " + built_in_catalogue().names());
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
    Json object = model_object(*model);
    object["downloaded"] = downloaded;
    console.object(object);
  } else {
    console.line(fmt::format("{} {} {}", model->name, downloaded ? "is now in" : "was already in",
                             stored_path(*model).string()));
  }
  return ExitCode::ok;
}

Result<ExitCode> list_command(CommandContext& context) {
  Console& console = context.console;
  Json rows = Json::array();
  for (const CatalogueModel& model : built_in_catalogue().models) {
    if (console.json()) {
      rows.push_back(model_object(model));
      continue;
    }
    console.line(fmt::format(
        "{:<22} {:<8} {:>5.0f} MiB  {} ({})", model.name, is_stored(model) ? "present" : "absent",
        static_cast<double>(model.bytes) / mebibyte, model.title, model.licence));
    console.line(
        fmt::format("{:<22} {}", "", is_stored(model) ? stored_path(model).string() : model.about));
  }
  if (console.json()) console.object({{"models", std::move(rows)}});
  return ExitCode::ok;
}

}  // namespace tenfold
