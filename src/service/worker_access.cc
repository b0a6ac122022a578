#include "service/worker_access.h"

#include <algorithm>

#include "engine/options.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

void in_order(std::vector<fs::path>& paths) {
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

Json path_list(const std::vector<fs::path>& paths) {
  Json list = Json::array();
  for (const fs::path& path : paths) list.push_back(path.string());
  return list;
}

}  // namespace

WorkerAccess worker_access(const ResolvedModel& model, const LoadOptions& load,
                           const EngineEntry& engine) {
  WorkerAccess access;
  for (const fs::path& file : model.files) access.read.push_back(fs::absolute(file));
  access.network = engine.traits.needs_network;
  access.executable_memory = engine.traits.needs_executable_memory;
  for (const OptionUse& use : engine.option_uses) {
    const auto given = load.engine_options.find(std::string(use.name));
    const bool is_given = given != load.engine_options.end();
    if (use.is_own_folder && !is_given) {
      access.write.push_back(default_option_folder(engine.id));
    }
    if (!is_given) continue;
    for (const std::string& path : option_paths(use.kind, given->second)) {
      (use.kind == OptionKind::path ? access.read : access.write).push_back(fs::absolute(path));
    }
    if (use.kind == OptionKind::hosts && !std::get<std::string>(given->second).empty()) {
      access.network = true;
    }
  }
  in_order(access.read);
  in_order(access.write);
  return access;
}

Json to_json(const WorkerAccess& access) {
  return {{"read", path_list(access.read)},
          {"write", path_list(access.write)},
          {"network", access.network},
          {"executable_memory", access.executable_memory}};
}

}  // namespace tenfold
