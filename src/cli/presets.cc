#include "cli/presets.h"

#include <filesystem>

#include "cli/settings.h"
#include "engine/json_fields.h"

namespace tenfold {
namespace {

using Json = nlohmann::json;

/// The name under which the store has it; else its absolute path.
std::string preset_name(ModelStore& store, const std::string& model) {
  const auto named = store.find(model);
  if (named.ok() && *named) return model;
  const std::filesystem::path path = std::filesystem::absolute(model).lexically_normal();
  const auto there = store.find_path(path);
  return there.ok() && *there ? (*there)->name : path.string();
}

}  // namespace

Result<void> check_presets(const Json& presets, const std::string& path) {
  const std::string where = path + ": " + std::string(presets_key);
  if (!presets.is_object()) {
    return fail(ErrorCode::invalid_argument, where + " must be an object",
                "write it like {\"MODEL\": {\"temperature\": 0.5}}");
  }
  for (const auto& [model, numbers] : presets.items()) {
    Sampling preset;
    TRY(read_value(numbers, where + "." + model, preset));
  }
  return {};
}

void change_presets(Json& config, const Json& changes) {
  Json& presets = config[std::string(presets_key)];
  if (!changes.is_object()) {
    presets = changes;
  } else {
    if (presets.is_null()) presets = Json::object();
    for (const auto& [model, numbers] : changes.items()) {
      if (numbers.is_null()) {
        presets.erase(model);
      } else {
        presets[model] = numbers;
      }
    }
  }
  if (presets.is_null() || presets == Json::object()) config.erase(std::string(presets_key));
}

Sampling model_preset(ModelStore& store, const std::string& config_path, const std::string& model) {
  const auto config = load_config(config_path);
  const auto presets = config.ok() ? config->find(presets_key) : Json::const_iterator();
  Sampling preset;
  if (!config.ok() || presets == config->end() || !presets->is_object()) return preset;
  const auto numbers = presets->find(preset_name(store, model));
  if (numbers == presets->end()) return preset;
  return read_value(*numbers, "", preset).ok() ? preset : Sampling();
}

}  // namespace tenfold
