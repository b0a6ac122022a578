#include "serve/served_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <sstream>

#include "base/files.h"
#include "chat/parameters.h"
#include "cli/presets.h"
#include "cli/request_settings.h"
#include "cli/secrets.h"

namespace tenfold {
namespace {

using Json = nlohmann::json;

bool serves(const Option& option) { return (option.commands & in_serve) != 0; }

/// Those that act on an answer alone.
bool generates(const Option& option) {
  return (option.commands & in_chat) != 0 && (option.commands & in_score) == 0 &&
         option.name != "system" && option.name != "show-reasoning";
}

bool is_shown(const Option& option) {
  return option.scope == OptionScope::everywhere && (serves(option) || generates(option));
}

std::string_view group_of(const Option& option) {
  constexpr std::string_view of_server[] = {"host",         "port",       "api-key",
                                            "api-key-file", "allow-host", "allow-origin"};
  if (option.name == "theme") return "page";
  if (!serves(option)) return "generation";
  return std::ranges::find(of_server, option.name) != std::end(of_server) ? "server" : "models";
}

std::string_view type_name(OptionType type) {
  switch (type) {
    case OptionType::flag:
      return "flag";
    case OptionType::integer:
    case OptionType::seed:
      return "integer";
    case OptionType::number:
      return "number";
    case OptionType::bytes:
      return "bytes";
    case OptionType::integers:
      return "integers";
    case OptionType::secret:
    case OptionType::text:
      break;
  }
  return "text";
}

Json choices_of(const Option& option) {
  Json choices = Json::array();
  std::istringstream words{std::string(option.choices)};
  for (std::string word; words >> word;) choices.push_back(word);
  return choices;
}

/// The texts of a value in config.json; none of another type.
std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> texts;
  for (const Json& each : value.is_array() ? value : Json::array({value})) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

Json shown_value(const Option& option, const Json& value) {
  if (value.is_string()) return shown_texts(option, {value.get<std::string>()}).front();
  return value.is_array() ? Json(shown_texts(option, texts_of(value))) : value;
}

/// The value as it was sent, with the secrets that are stored where they came as they are shown.
Result<Json> kept_value(const Option& option, const Json& value, const Json& stored) {
  const std::vector<std::string> texts = texts_of(value);
  if (texts.empty() || (value.is_array() && texts.size() != value.size())) return value;
  const auto kept = TRY(kept_texts(option, texts, texts_of(stored)));
  return value.is_array() ? Json(kept) : Json(kept.front());
}

class Desk {
 public:
  Desk(const Settings& active, const GivenOptions& given, SettingsSource source)
      : active_(active), given_(given), source_(std::move(source)) {}

  Result<Json> list() {
    const std::lock_guard lock(mutex_);
    const Json config = TRY(load_config(source_.config_path));
    const Settings answering = TRY(Settings::resolve(in_chat, {}, source_));
    const Settings next = TRY(Settings::resolve(in_serve, given_, source_));
    Json rows = Json::array();
    for (const Option& option : option_table()) {
      if (!is_shown(option)) continue;
      const bool at_once = option.name == "theme";
      const Settings& holds = !serves(option) ? answering : at_once ? next : active_;
      rows.push_back(row(option, config, holds.shown(option)));
    }
    return rows;
  }

  Result<void> change(const Json& values) {
    const std::lock_guard lock(mutex_);
    Json config = TRY(load_config(source_.config_path));
    for (const auto& [key, value] : values.items()) {
      if (key == presets_key) {
        change_presets(config, value);
        continue;
      }
      const Option* option = option_of_key(key);
      if (option == nullptr || !is_shown(*option)) {
        return fail(ErrorCode::invalid_argument, fmt::format("{} is no setting of the server", key),
                    "GET /api/v1/settings lists them");
      }
      Json kept = TRY(kept_value(*option, value, config.value(key, Json())));
      config.erase(key);
      if (!kept.is_null()) config[key] = std::move(kept);
    }
    TRY(check(config));
    return write_file_atomically(source_.config_path, config.dump(2) + "\n");
  }

  Json generation() {
    const std::lock_guard lock(mutex_);
    const auto settings = Settings::resolve(in_chat, {}, source_);
    const auto request = settings.ok() ? request_from(*settings) : Result<Request>(Request());
    if (!request.ok()) return Json::object();  // the file was broken by hand since the start
    Json json = Json::object();
    for (const RequestField& field : request_fields()) {
      const bool said = field.lasting && is_given(field, *request);
      if (said) json[std::string(field.name)] = field_to_json(field, *request);
    }
    return json;
  }

 private:
  Result<void> check(const Json& config) {
    for (const auto& [name, texts] : TRY(parse_config(config, "settings"))) {
      const Option* option = find_option(name);
      TRY(Settings::check(*option, config_key(*option), texts));
      if (option->name == "engine-option") TRY(server_engine_options(texts));
    }
    return {};
  }

  [[nodiscard]] Json row(const Option& option, const Json& config, const std::string& shown) const {
    const std::string key = config_key(option);
    const bool secret = option.type == OptionType::secret;
    Json json{{"key", key},
              {"group", group_of(option)},
              {"type", type_name(option.type)},
              {"help", option.help},
              {"value", secret ? Json() : shown_value(option, config.value(key, Json()))},
              {"default", option.default_text.empty() ? option.unset : option.default_text},
              {"active", shown.empty() ? Json() : Json(shown)},
              {"source", source_of(option, config.contains(key))},
              {"restart", serves(option) && option.name != "theme"},
              {"secret", secret},
              {"repeatable", option.repeatable}};
    if (!option.choices.empty()) json["choices"] = choices_of(option);
    if (option.minimum != option.maximum) {
      if (std::isfinite(option.minimum)) json["minimum"] = option.minimum;
      if (std::isfinite(option.maximum)) json["maximum"] = option.maximum;
    }
    return json;
  }

  [[nodiscard]] std::string_view source_of(const Option& option, bool configured) const {
    if (serves(option) && given_.contains(option.name)) return "command_line";
    const auto variable = source_.environment(environment_name(option));
    if (variable && !variable->empty()) return "environment";
    return configured ? "config" : "default";
  }

  const Settings active_;
  const GivenOptions given_;
  const SettingsSource source_;
  std::mutex mutex_;
};

}  // namespace

server::ServedSettings served_settings(const Settings& active, const GivenOptions& given,
                                       const SettingsSource& source, const ModelStore& store) {
  const auto desk = std::make_shared<Desk>(active, given, source);
  server::ServedSettings served;
  served.list = [desk] { return desk->list(); };
  served.change = [desk](const Json& values) { return desk->change(values); };
  served.generation = [desk] { return desk->generation(); };
  served.presets = [path = source.config_path]() -> Result<Json> {
    return TRY(load_config(path)).value(presets_key, Json::object());
  };
  served.preset = [path = source.config_path,
                   store = ModelStore(store)](const std::string& model) mutable {
    return model_preset(store, path, model);
  };
  served.config_file = source.config_path;
  return served;
}

}  // namespace tenfold
