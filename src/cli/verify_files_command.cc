// tenfold verify --files: are the stored files what they were?
#include "cli/verify_files_command.h"

#include <fmt/format.h>

#include "base/text.h"
#include "models/model_json.h"
#include "models/verify_files.h"

namespace tenfold {
namespace {

Result<std::vector<StoredModel>> named_models(ModelStore& store,
                                              const std::vector<std::string>& names) {
  if (names.empty()) return store.list();
  std::vector<StoredModel> models;
  for (const std::string& name : names) {
    auto model = TRY(store.find(name));
    if (!model) {
      return fail(ErrorCode::not_found, fmt::format("there is no model \"{}\" here", name),
                  "run: tenfold list");
    }
    models.push_back(std::move(*model));
  }
  return models;
}

}  // namespace

Result<ExitCode> verify_files_command(CommandContext& context) {
  Console& console = context.console;
  ModelStore& store = context.store;
  const std::vector<StoredModel> models = TRY(named_models(store, context.words));
  bool good = true;
  Json rows = Json::array();
  for (const StoredModel& model : models) {
    const auto checked = TRY(verify_files(store, model, [&](const StoredFile& file) {
      console.progress(fmt::format("checking {} ({})", file.path.string(), size_text(file.bytes)));
    }));
    console.clear_progress();
    for (const CheckedFile& one : checked) {
      good = good && is_good(one);
      Json row = to_json(one);
      row["model"] = model.name;
      rows.push_back(std::move(row));
      if (console.json()) continue;
      console.line(fmt::format("{:<8} {:<24} {}{}{}", to_string(one.state), model.name,
                               one.file->path.string(), one.detail.empty() ? "" : ": ",
                               one.detail));
    }
  }
  if (console.json()) console.object({{"good", good}, {"files", std::move(rows)}});
  return good ? ExitCode::ok : ExitCode::model;
}

}  // namespace tenfold
