// tenfold rm, gc and du: what the store takes and gives back.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "models/model_json.h"
#include "models/place.h"
#include "models/remove.h"

namespace tenfold {
namespace {

std::string size_row(const std::string& size, const std::string& text) {
  return fmt::format("{:>10}  {}", size, text);
}

}  // namespace

Result<ExitCode> rm_command(CommandContext& context) {
  Console& console = context.console;
  ModelStore& store = context.store;
  // A wrong name among several must not be found when half of them are gone.
  for (const std::string& name : context.words) {
    if (TRY(store.find(name))) continue;
    return fail(ErrorCode::not_found, fmt::format("there is no model \"{}\" here", name),
                "run: tenfold list");
  }
  Json rows = Json::array();
  for (const std::string& name : context.words) {
    const Removed removed = TRY(remove_model(store, name));
    const StoredModel& model = removed.model;
    if (console.json()) {
      rows.push_back({{"name", name},
                      {"path", model.path.string()},
                      {"files_deleted", removed.files_deleted},
                      {"bytes", removed.files_deleted ? model.bytes() : 0}});
    } else if (removed.files_deleted) {
      console.line(fmt::format("{} is deleted ({})", name, size_text(model.bytes())));
    } else {
      console.line(fmt::format("{} is forgotten; its files are not Tenfold's, and stay: {}", name,
                               model.path.string()));
    }
  }
  if (console.json()) console.object({{"removed", std::move(rows)}});
  return ExitCode::ok;
}

Result<ExitCode> gc_command(CommandContext& context) {
  Console& console = context.console;
  const bool dry_run = context.settings.flag("dry-run");
  ModelStore& store = context.store;
  const std::vector<Leftover> leftovers = TRY(collect_garbage(store, dry_run));
  Json rows = Json::array();
  std::uint64_t freed = 0;
  for (const Leftover& leftover : leftovers) {
    if (leftover.removed) freed += leftover.bytes;
    if (console.json()) {
      rows.push_back(to_json(leftover));
      rows.back()["model"] = leftover.model.empty() ? Json(nullptr) : Json(leftover.model);
      continue;
    }
    const std::string name = leftover.model.empty() ? "" : leftover.model + " ";
    console.line(fmt::format("{:<8} {:>10}  {}{} ({})", leftover.removed ? "removed" : "kept",
                             size_text(leftover.bytes), name, leftover.path.string(),
                             leftover.what));
  }
  if (console.json()) {
    console.object({{"dry_run", dry_run}, {"leftovers", std::move(rows)}, {"freed_bytes", freed}});
  } else {
    console.line(fmt::format("{} {}", size_text(freed), dry_run ? "would be freed" : "freed"));
  }
  return ExitCode::ok;
}

Result<ExitCode> du_command(CommandContext& context) {
  Console& console = context.console;
  ModelStore& store = context.store;
  std::vector<StoredModel> models = TRY(store.list());
  std::ranges::sort(models, std::ranges::greater(), &StoredModel::bytes);
  std::uint64_t owned = 0;
  std::uint64_t linked = 0;
  std::uint64_t other = 0;
  for (const Leftover& leftover : TRY(collect_garbage(store, true))) other += leftover.bytes;
  for (const StoredModel& model : models) (model.owned ? owned : linked) += model.bytes();
  const std::uint64_t free_bytes = TRY(free_space());
  if (console.json()) {
    Json rows = Json::array();
    for (const StoredModel& model : models) {
      rows.push_back({{"name", model.name}, {"bytes", model.bytes()}, {"owned", model.owned}});
    }
    console.object({{"models", std::move(rows)},
                    {"owned_bytes", owned},
                    {"linked_bytes", linked},
                    {"unfinished_bytes", other},
                    {"free_bytes", free_bytes},
                    {"folder", models_folder().string()}});
    return ExitCode::ok;
  }
  for (const StoredModel& model : models) {
    console.line(
        size_row(size_text(model.bytes()), model.name + (model.owned ? "" : " (in place)")));
  }
  console.line(size_row(size_text(owned), "owned, in " + models_folder().string()));
  console.line(size_row(size_text(linked), "used in place"));
  console.line(size_row(size_text(other), "unfinished or of no model; tenfold gc shows them"));
  console.line(size_row(size_text(free_bytes), "free"));
  return ExitCode::ok;
}

}  // namespace tenfold
