#include "service/service.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/paths.h"
#include "engine/rank.h"
#include "formats/model_path.h"
#include "models/model_files.h"
#include "service/recommendation.h"

namespace tenfold {
namespace {

Error not_available(const EngineEntry& entry, const std::string& reason) {
  return fail(ErrorCode::unavailable, fmt::format("{} is not available: {}", entry.title, reason),
              std::string(entry.how_to_get));
}

/// The installed engines that open the model, the one to try first in front; never empty.
Result<std::vector<const EngineEntry*>> installed_engines(const ModelDescription& model) {
  std::vector<const EngineEntry*> engines = engines_for_format(model.format);
  if (engines.empty()) return no_engine_opens(model.format);
  const EngineEntry& first = *engines[0];
  std::erase_if(engines, [](const EngineEntry* entry) { return !is_installed(*entry); });
  if (engines.empty()) return not_available(first, std::string(first.why_absent));
  return rank(std::move(engines), model.sha256, {});
}

bool opens(const EngineEntry& engine, const ModelDescription& model) {
  return std::ranges::count(engines_for_format(model.format), &engine) > 0;
}

/// A folder that holds the model in several forms stands for the one that the engine opens.
Result<ModelDescription> resolve_for(ModelStore& store, std::string_view name_or_path,
                                     const EngineEntry& engine) {
  auto model = resolve_model(store, name_or_path);
  if (model.ok() && (model->built_in || opens(engine, *model))) return model;
  const auto folder = find_model(store, name_or_path);
  std::error_code error;
  if (!folder.ok() || !std::filesystem::is_directory(*folder, error)) return model;
  const std::filesystem::path file = file_of_format(*folder, engine.formats);
  if (file.empty()) return model;
  auto other = resolve_model(store, file.string());
  if (other.ok()) other->name = name_or_path;
  return other;
}

}  // namespace

std::string_view to_string(EngineStatus status) {
  switch (status) {
    case EngineStatus::present:
      return "present";
    case EngineStatus::absent:
      return "absent";
    case EngineStatus::unavailable:
      break;
  }
  return "unavailable";
}

Result<const EngineEntry*> engine_named(std::string_view id) {
  if (const EngineEntry* entry = find_engine(id)) return entry;
  std::vector<std::string_view> ids;
  for (const EngineEntry& entry : engine_table()) ids.push_back(entry.id);
  return fail(ErrorCode::invalid_argument, fmt::format("there is no engine \"{}\"", id),
              did_you_mean(id, ids, fmt::format("the engines are {}", fmt::join(ids, ", "))));
}

bool is_installed(const EngineEntry& entry) { return !worker_program(entry.id).empty(); }

EngineReport report_engine(const EngineEntry& entry) {
  EngineReport report{&entry, EngineStatus::present, {}, {}};
  if (!is_installed(entry)) {
    report.status = entry.exists_here ? EngineStatus::absent : EngineStatus::unavailable;
    report.reason = entry.why_absent;
    return report;
  }
  const Result<std::unique_ptr<Engine>> engine = start_engine(entry);
  if (engine.ok()) {
    report.capabilities = engine.value()->capabilities();
  } else {
    report.status = EngineStatus::unavailable;
    report.reason = engine.error().message;
  }
  return report;
}

std::vector<EngineReport> report_engines() {
  std::vector<EngineReport> reports;
  for (const EngineEntry& entry : engine_table()) reports.push_back(report_engine(entry));
  return reports;
}

void add_what_the_store_knows(ModelStore& store, ModelDescription& model) {
  const auto found = store.find_path(std::filesystem::absolute(model.path));
  const StoredModel* stored = found.ok() && *found ? &**found : nullptr;
  model.sampling = recommended_sampling(model, stored);
  if (stored == nullptr) return;
  const auto file = std::ranges::find(stored->files, model.path, &StoredFile::path);
  if (file != stored->files.end()) model.sha256 = file->sha256;
}

Result<ModelDescription> resolve_model(ModelStore& store, std::string_view name_or_path) {
  if (const EngineEntry* engine = find_built_in_model(name_or_path)) {
    ModelDescription model;
    model.name = name_or_path;
    model.built_in = true;
    model.format = engine->formats;
    return model;
  }
  ModelDescription model = TRY(resolve_path(TRY(find_model(store, name_or_path))));
  model.name = name_or_path;
  add_what_the_store_knows(store, model);
  return model;
}

Result<ModelChoice> choose_engine(ModelStore& store, std::string_view name_or_path,
                                  std::string_view engine_id) {
  ModelChoice choice;
  // A wrong engine id is reported before a missing model: it is the cheaper thing to put right.
  if (engine_id.empty()) {
    choice.model = TRY(resolve_model(store, name_or_path));
    choice.engine = TRY(installed_engines(choice.model))[0];
    return choice;
  }
  choice.engine = TRY(engine_named(engine_id));
  choice.model = TRY(resolve_for(store, name_or_path, *choice.engine));
  if (!opens(*choice.engine, choice.model)) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("{} is {}, which {} does not open",
                    choice.model.built_in ? choice.model.name : choice.model.path.string(),
                    choice.model.format, choice.engine->title),
        fmt::format("it opens {}; leave out --engine to have one chosen", choice.engine->formats));
  }
  return choice;
}

Result<std::vector<ModelChoice>> choose_engines(ModelStore& store, std::string_view name_or_path,
                                                std::string_view engine_id) {
  const ModelChoice first = TRY(choose_engine(store, name_or_path, engine_id));
  if (!engine_id.empty()) return std::vector{first};
  std::vector<ModelChoice> choices;
  for (const EngineEntry* entry : TRY(installed_engines(first.model))) {
    choices.push_back({first.model, entry});
  }
  return choices;
}

Result<std::unique_ptr<Engine>> start_engine(const EngineEntry& entry, RemoteOptions limits) {
  const std::filesystem::path program = worker_program(entry.id);
  if (program.empty()) return not_available(entry, std::string(entry.why_absent));
  limits.executable = program.string();
  return open_remote_engine(std::move(limits));
}

Result<OpenedModel> open_choice(const ModelChoice& choice, const LoadOptions& options,
                                const OnProgress& on_progress) {
  OpenedModel opened{TRY(start_engine(*choice.engine)), {}};
  opened.info = TRY(opened.engine->initialize(choice.model, options, on_progress));
  return opened;
}

}  // namespace tenfold
