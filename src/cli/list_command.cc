// tenfold list: the models that are here, and those that the catalogue could pull.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "models/catalogue.h"
#include "models/model_json.h"
#include "service/outlook.h"

namespace tenfold {
namespace {

Json catalogue_rows(const std::vector<StoredModel>& here) {
  Json rows = Json::array();
  for (const CatalogueModel& model : built_in_catalogue().models) {
    const bool present = std::ranges::any_of(
        here, [&](const StoredModel& stored) { return stored.name == model.name; });
    rows.push_back({{"name", model.name},
                    {"title", model.title},
                    {"about", model.about},
                    {"licence", model.licence},
                    {"format", model.format},
                    {"bytes", model.bytes ? Json(*model.bytes) : Json()},
                    {"status", present ? "present" : "absent"},
                    {"outlook", to_json(outlook(model))},
                    {"default", model.name == built_in_catalogue().default_name}});
  }
  return rows;
}

void print_stored(const StoredModel& model, Console& console) {
  console.line(fmt::format("{:<24} {:<11} {:>10}  {:<8}  {}", model.name, model.format,
                           size_text(model.bytes()), to_string(model.origin),
                           fmt::join(engine_names(model.format), ", ")));
  const std::string why_not = why_not_here(model);
  console.line(fmt::format("{:<24} {}", "", model.path.string()));
  if (!why_not.empty()) console.line(fmt::format("{:<24} does not run: {}", "", why_not));
}

}  // namespace

Result<ExitCode> list_command(CommandContext& context) {
  Console& console = context.console;
  ModelStore& store = context.store;
  const std::vector<StoredModel> here = TRY(store.list());
  const Json catalogue = catalogue_rows(here);
  if (console.json()) {
    Json models = Json::array();
    for (const StoredModel& model : here) models.push_back(listed(model));
    console.object({{"models", std::move(models)}, {"catalogue", catalogue}});
    return ExitCode::ok;
  }
  if (here.empty()) console.note("no model is here yet");
  for (const StoredModel& model : here) print_stored(model, console);
  const auto absent =
      std::ranges::count(catalogue, Json("absent"), [](const Json& row) { return row["status"]; });
  console.line(
      fmt::format("{}`tenfold search` finds {} models to pull", here.empty() ? "" : "\n", absent));
  return ExitCode::ok;
}

}  // namespace tenfold
