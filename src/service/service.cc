#include "service/service.h"

#include <fmt/format.h>

#include "base/paths.h"
#include "formats/model_path.h"
#include "models/model_files.h"
#include "models/store.h"

namespace tenfold {
namespace {

Error not_available(const EngineEntry& entry, const std::string& reason) {
  return fail(ErrorCode::unavailable, fmt::format("{} is not available: {}", entry.title, reason),
              std::string(entry.how_to_get));
}

Result<const EngineEntry*> engine_for_format(std::string_view format) {
  const std::vector<const EngineEntry*> engines = engines_for_format(format);
  for (const EngineEntry* entry : engines) {
    if (is_installed(*entry)) return entry;
  }
  if (!engines.empty()) return not_available(*engines[0], std::string(engines[0]->why_absent));
  return no_engine_opens(format);
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
  std::string ids;
  for (const EngineEntry& entry : engine_table()) {
    ids += (ids.empty() ? "" : ", ") + std::string(entry.id);
  }
  return fail(ErrorCode::invalid_argument, fmt::format("there is no engine \"{}\"", id),
              "the engines are " + ids);
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

Result<ModelChoice> choose_engine(std::string_view name_or_path, std::string_view engine_id) {
  ModelChoice choice;
  // A wrong engine id is reported before a missing model: it is the cheaper thing to put right.
  if (!engine_id.empty()) choice.engine = TRY(engine_named(engine_id));
  const std::filesystem::path path = TRY(resolve_model(name_or_path));
  auto model = detect_model(path);
  // A named engine says itself what it thinks of a file that we do not know; otherwise the whole
  // file may tell why no engine opens it.
  if (!model.ok()) {
    model = choice.engine == nullptr ? look_at_model(path) : DetectedModel{{}, path};
  }
  const DetectedModel found = TRY(std::move(model));
  choice.path = found.path.string();
  if (choice.engine == nullptr) choice.engine = TRY(engine_for_format(found.format));
  return choice;
}

Result<std::vector<ModelChoice>> choose_engines(std::string_view name_or_path,
                                                std::string_view engine_id) {
  const ModelChoice first = TRY(choose_engine(name_or_path, engine_id));
  if (!engine_id.empty()) return std::vector{first};
  std::vector<ModelChoice> choices;
  for (const EngineEntry* entry : engines_for_format(TRY(detect_model(first.path)).format)) {
    if (is_installed(*entry)) choices.push_back({first.path, entry});
  }
  return choices;
}

Result<std::unique_ptr<Engine>> start_engine(const EngineEntry& entry, RemoteOptions limits) {
  const std::filesystem::path program = worker_program(entry.id);
  if (program.empty()) return not_available(entry, std::string(entry.why_absent));
  limits.executable = program.string();
  return open_remote_engine(std::move(limits));
}

}  // namespace tenfold
