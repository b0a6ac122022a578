#include "text/hf_config.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files.h"

namespace tenfold {
namespace {

using nlohmann::json;

/// tokenizer_config.json of large vocabularies lists every added token again.
constexpr std::size_t config_limit = 64 << 20;

/// An empty object when there is no such file.
Result<json> read_object(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return json::object();
  const std::string content = TRY(read_file(path, config_limit));
  json object = json::parse(content, nullptr, false);
  if (!object.is_object()) {
    return fail(ErrorCode::bad_model, path.string() + " is not a JSON object.",
                "Download the model again.");
  }
  return object;
}

/// A token is written as its text, or as an object with its text in "content"; null: none.
std::string token_text(const json& config, const char* name) {
  json token = config.value(name, json());
  if (token.is_object()) token = token.value("content", json());
  return token.is_string() ? token.get<std::string>() : std::string();
}

/// One id, a list of ids, or null.
std::vector<TokenId> token_ids(const json& config, const char* name) {
  std::vector<TokenId> ids;
  const auto entry = config.find(name);
  if (entry == config.end()) return ids;
  const json list = entry->is_array() ? *entry : json::array({*entry});
  for (const json& id : list) {
    const auto number = id.is_number_integer() ? id.get<std::int64_t>() : -1;
    if (std::in_range<TokenId>(number)) ids.push_back(static_cast<TokenId>(number));
  }
  return ids;
}

/// One template, or a list of named ones.
std::string chat_template(const json& config) {
  json source = config.value("chat_template", json());
  if (source.is_array()) {
    json chosen;
    for (const json& entry : source) {
      if (!entry.is_object() || entry.value("name", json()) != "default") continue;
      chosen = entry.value("template", json());
    }
    source = std::move(chosen);
  }
  return source.is_string() ? source.get<std::string>() : std::string();
}

}  // namespace

Result<HfConfig> read_hf_config(const std::filesystem::path& folder) {
  HfConfig config;
  const json tokenizer = TRY(read_object(folder / "tokenizer_config.json"));
  config.bos_token = token_text(tokenizer, "bos_token");
  config.eos_token = token_text(tokenizer, "eos_token");
  config.chat_template = chat_template(tokenizer);
  const auto jinja = folder / "chat_template.jinja";
  std::error_code error;
  if (std::filesystem::exists(jinja, error)) {
    config.chat_template = TRY(read_file(jinja, config_limit));
  }
  const auto take = [&](const json& model, const char* architecture) {
    if (!model.is_object()) return;
    if (const json type = model.value(architecture, json()); type.is_string()) {
      config.architecture = type.get<std::string>();
    }
    // Models of several modalities keep the language model's part one level down.
    for (const json& part : {model, model.value("text_config", json::object())}) {
      for (const TokenId id : token_ids(part, "eos_token_id")) config.ends.push_back(id);
      const auto begin = token_ids(part, "bos_token_id");
      if (config.bos_id < 0 && !begin.empty()) config.bos_id = begin.front();
    }
  };
  take(TRY(read_object(folder / "generation_config.json")), "model_type");
  take(TRY(read_object(folder / "config.json")), "model_type");
  take(TRY(read_object(folder / "genai_config.json")).value("model", json()), "type");
  return config;
}

}  // namespace tenfold
