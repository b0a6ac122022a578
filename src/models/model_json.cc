#include "models/model_json.h"

#include "engine/table.h"

namespace tenfold {

std::vector<std::string_view> engine_names(std::string_view format) {
  std::vector<std::string_view> names;
  for (const EngineEntry* entry : engines_for_format(format)) names.push_back(entry->id);
  return names;
}

Json to_json(const StoredModel& model) {
  Json files = Json::array();
  for (const StoredFile& file : model.files) {
    files.push_back({{"path", file.path.string()},
                     {"bytes", file.bytes},
                     {"sha256", file.sha256.empty() ? Json(nullptr) : Json(file.sha256)}});
  }
  return {{"name", model.name},
          {"format", model.format},
          {"origin", to_string(model.origin)},
          {"source", model.source},
          {"licence", model.licence},
          {"path", model.path.string()},
          {"owned", model.owned},
          {"bytes", model.bytes()},
          {"engines", engine_names(model.format)},
          {"present", missing_file(model) == nullptr},
          {"added", model.added},
          {"files", std::move(files)}};
}

}  // namespace tenfold
