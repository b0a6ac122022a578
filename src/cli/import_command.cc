// tenfold import and tenfold adopt: models that are on this machine already.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupts.h"
#include "models/adopt.h"
#include "models/import.h"
#include "models/model_json.h"

namespace tenfold {
namespace {

Result<ImportMode> mode_from(const Settings& settings) {
  const bool copy = settings.flag("copy");
  const bool move = settings.flag("move");
  if (copy && move) {
    return fail(ErrorCode::invalid_argument, "--copy and --move exclude each other");
  }
  return copy ? ImportMode::copy : move ? ImportMode::move : ImportMode::in_place;
}

void print_row(const StoredModel& model, Console& console) {
  console.line(fmt::format("{:<24} {:<11} {:>10}  {}", model.name, model.format,
                           size_text(model.bytes()), model.source));
}

/// Adds those that are new; the others go to `present`.
Result<void> adopt_all(ModelStore& store, FoundModels& found, bool dry_run,
                       std::vector<StoredModel>& added, std::vector<StoredModel>& present) {
  for (StoredModel& model : found.models) {
    if (auto known = TRY(store.find_path(model.path))) {
      present.push_back(std::move(*known));
      continue;
    }
    model.name = TRY(store.unused_name(model.name));
    if (!dry_run) TRY(store.add(model));
    added.push_back(std::move(model));
  }
  return {};
}

}  // namespace

Result<ExitCode> import_command(CommandContext& context) {
  Console& console = context.console;
  ImportOptions options;
  options.mode = TRY(mode_from(context.settings));
  options.name = context.settings.text("name").value_or("");
  Interrupts interrupts;
  bool interrupted = false;
  options.cancelled = [&] { return interrupted = interrupted || interrupts.take(); };
  options.on_wait = [&] { console.note("another process works on this name; waiting for it"); };
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    console.progress(fmt::format("copying {} of {}", size_text(done), size_text(total)));
  };
  ModelStore& store = context.store;
  const auto result = import_model(store, context.words[0], options);
  console.clear_progress();
  const Imported imported = TRY(std::move(result));
  const StoredModel& model = imported.model;
  if (console.json()) {
    Json object = to_json(model);
    object["already_there"] = imported.already_there;
    console.object(object);
  } else if (imported.already_there) {
    console.line(fmt::format("it is already here as {}: {}", model.name, model.path.string()));
  } else {
    console.line(fmt::format("{} ({}, {}) is {} {}", model.name, model.format,
                             size_text(model.bytes()),
                             model.owned ? "now in" : "used in place:", model.path.string()));
  }
  return ExitCode::ok;
}

Result<ExitCode> adopt_command(CommandContext& context) {
  Console& console = context.console;
  const bool dry_run = context.settings.flag("dry-run");
  ModelStore& store = context.store;
  FoundModels found = find_models_of_others();
  std::vector<StoredModel> added;
  std::vector<StoredModel> present;
  TRY(adopt_all(store, found, dry_run, added, present));
  if (console.json()) {
    Json object{{"dry_run", dry_run},
                {"folders", Json::array()},
                {"adopted", Json::array()},
                {"already_there", Json::array()},
                {"skipped", Json::array()}};
    for (const auto& folder : found.folders) object["folders"].push_back(folder.string());
    for (const StoredModel& model : added) object["adopted"].push_back(to_json(model));
    for (const StoredModel& model : present) object["already_there"].push_back(model.name);
    for (const SkippedModel& skipped : found.skipped) {
      object["skipped"].push_back({{"path", skipped.path.string()},
                                   {"program", skipped.program},
                                   {"reason", skipped.reason}});
    }
    console.object(object);
    return ExitCode::ok;
  }
  for (const StoredModel& model : added) print_row(model, console);
  for (const SkippedModel& skipped : found.skipped) {
    console.note(
        fmt::format("skipped {} ({}): {}", skipped.path.string(), skipped.program, skipped.reason));
  }
  console.note(fmt::format("{} {}, {} already here, {} skipped, in {} folders of other programs",
                           added.size(), dry_run ? "would be adopted" : "adopted", present.size(),
                           found.skipped.size(), found.folders.size()));
  return ExitCode::ok;
}

}  // namespace tenfold
