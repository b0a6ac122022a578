#include "cli/model_report.h"

#include <fmt/format.h>

#include "service/service.h"

namespace tenfold {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB", "TiB"}) {
    if (value < 1000) break;
    value /= 1024;
    unit = larger;
  }
  return fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, unit);
}

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
