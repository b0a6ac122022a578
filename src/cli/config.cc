// Reading config.json: an object whose keys are the options' names with underscores, and presets.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/presets.h"
#include "cli/settings.h"

namespace tenfold {
namespace {

using Json = nlohmann::json;
constexpr std::size_t largest_config = 1 << 20;

/// The name of the JSON type that the option wants, and whether `value` has it.
bool has_type(const Option& option, const Json& value, std::string& wanted) {
  switch (option.type) {
    case OptionType::flag:
      wanted = "true or false";
      return value.is_boolean();
    case OptionType::integer:
    case OptionType::seed:
      wanted = "a whole number";
      return value.is_number_integer();
    case OptionType::number:
      wanted = "a number";
      return value.is_number();
    case OptionType::bytes:
      wanted = "a number of bytes or a text such as \"600M\"";
      return value.is_number_integer() || value.is_string();
    case OptionType::integers:
      wanted = "a whole number, or a text such as \"128,512\"";
      return value.is_number_integer() || value.is_string();
    case OptionType::secret:
    case OptionType::text:
      break;
  }
  wanted = option.repeatable ? "a text or a list of texts" : "a text";
  return value.is_string();
}

/// ", not 5"; of what could be a secret nothing.
std::string unlike(const Option& option, const Json& value) {
  const bool shows = option.type != OptionType::secret && option.name != "engine-option";
  return shows ? ", not " + value.dump() : std::string();
}

}  // namespace

const Option* option_of_key(std::string_view key) {
  for (const Option& option : option_table()) {
    if (option.scope == OptionScope::everywhere && config_key(option) == key) return &option;
  }
  return nullptr;
}

Result<Json> load_config(const std::string& path) {
  Result<std::string> text = read_file(path, largest_config);
  if (!text.ok() && text.error().code == ErrorCode::not_found) return Json::object();
  Json config = Json::parse(TRY(std::move(text)), nullptr, false);
  if (config.is_object()) return config;
  return fail(ErrorCode::invalid_argument, path + " is not a JSON object",
              "write it like {\"temperature\": 0.5}");
}

Result<GivenOptions> read_config(const std::string& path) {
  return parse_config(TRY(load_config(path)), path);
}

Result<GivenOptions> parse_config(const Json& config, const std::string& path) {
  GivenOptions given;
  for (const auto& [key, value] : config.items()) {
    if (key == presets_key) {
      TRY(check_presets(value, path));
      continue;
    }
    const Option* option = option_of_key(key);
    if (option == nullptr) {
      return fail(ErrorCode::invalid_argument, fmt::format("{}: unknown key \"{}\"", path, key),
                  "the keys are the long options with _ for -, such as max_tokens");
    }
    const bool list = option->repeatable && value.is_array();
    std::vector<std::string>& texts = given[std::string(option->name)];
    for (const Json& each : list ? value : Json::array({value})) {
      std::string wanted;
      if (!has_type(*option, each, wanted)) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: {} must be {}{}", path, key, wanted, unlike(*option, each)));
      }
      texts.push_back(each.is_string() ? each.get<std::string>() : each.dump());
    }
    if (texts.empty()) given.erase(std::string(option->name));
  }
  return given;
}

}  // namespace tenfold
