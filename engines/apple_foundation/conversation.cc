#include "conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tenfold::apple_foundation {
namespace {

// The order of fields is part of a schema.
using Json = nlohmann::ordered_json;

/// Ids need to differ, no more.
std::string id(std::size_t number) { return fmt::format("00000000-0000-4000-8000-{:012}", number); }

Json entry(std::string_view role, const std::string& text, std::size_t number) {
  Json entry{
      {"id", id(2 * number)},
      {"role", role},
      {"contents", Json::array({{{"type", "text"}, {"id", id(2 * number + 1)}, {"text", text}}})}};
  if (role == "instructions") entry["tools"] = Json::array();
  if (role == "user") entry["options"] = Json::object();
  if (role == "response") entry["assets"] = Json::array();
  return entry;
}

std::string_view role_of(const Message& message) {
  if (message.role == "system") return "instructions";
  return message.role == "assistant" ? "response" : "user";
}

Error unsupported(std::string message, std::string hint) {
  return fail(ErrorCode::unsupported, std::move(message), std::move(hint));
}

constexpr std::array<std::string_view, 15> known_keywords{
    "type",    "properties", "required", "items",       "enum",  "minItems", "maxItems", "minimum",
    "maximum", "pattern",    "title",    "description", "$defs", "$ref",     "anyOf"};

Result<void> translate(Json& schema, const std::string& name);

Result<void> translate_object(Json& schema, const std::string& name) {
  if (!schema.contains("title")) schema["title"] = name;
  schema["additionalProperties"] = false;
  Json order = Json::array();
  Json& properties = schema["properties"];
  if (properties.is_null()) properties = Json::object();
  for (auto& [field, value] : properties.items()) {
    order.push_back(field);
    TRY(translate(value, field));
  }
  if (!schema.contains("required")) schema["required"] = Json::array();
  schema["x-order"] = std::move(order);
  return {};
}

Result<void> translate(Json& schema, const std::string& name) {
  if (!schema.is_object()) {
    return fail(ErrorCode::invalid_argument, fmt::format("the schema of {} is no object", name));
  }
  for (const auto& [keyword, value] : schema.items()) {
    const bool is_closed = keyword == "additionalProperties" && value == false;
    if (is_closed || std::ranges::find(known_keywords, keyword) != known_keywords.end()) continue;
    return unsupported(fmt::format("apple_foundation does not have json_schema with {}", keyword),
                       "leave it out of the schema, or use another engine");
  }
  for (const char* list : {"anyOf", "$defs"}) {
    if (!schema.contains(list)) continue;
    for (auto& [key, value] : schema[list].items()) TRY(translate(value, name + key));
  }
  if (schema.contains("items")) TRY(translate(schema["items"], name + "Item"));
  if (schema.contains("type") && schema["type"] == "object") return translate_object(schema, name);
  return {};
}

}  // namespace

Result<Conversation> read_conversation(const Prompt& prompt) {
  std::vector<Message> messages;
  if (const auto* text = std::get_if<std::string>(&prompt)) {
    messages = {{"user", *text}};
  } else if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) {
    messages = chat->messages;
  }
  if (messages.empty() || messages.back().role != "user") {
    return unsupported("apple_foundation takes no conversation that does not end with the user",
                       "leave out the begun answer");
  }
  // C strings end at the first zero byte, and nothing is to be cut in silence.
  for (const Message& message : messages) {
    if (message.content.find('\0') == std::string::npos) continue;
    return fail(ErrorCode::invalid_argument,
                "a message has a zero byte, which the model cannot take", "correct the text");
  }
  Json entries = Json::array();
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    entries.push_back(entry(role_of(messages[i]), messages[i].content, i));
  }
  const Json transcript{{"type", "FoundationModels.Transcript"},
                        {"version", 1},
                        {"transcript", {{"entries", std::move(entries)}}}};
  return Conversation{transcript.dump(), messages.back().content};
}

Result<std::string> generation_options(const Request& request, std::uint64_t seed, int limit) {
  const Sampling& asked = request.sampling;
  if (asked.top_k && asked.top_p) {
    return unsupported("apple_foundation does not have top_k and top_p at once",
                       "leave out one of them");
  }
  Json options{{"maximum_response_tokens", limit}};
  // Numbers as numbers: the bridge drops texts in silence.
  Json sampling{{"mode", asked.temperature == 0 ? "greedy" : "random"}};
  if (asked.temperature == 0) {
    options["sampling"] = std::move(sampling);
    return options.dump();
  }
  if (asked.temperature) options["temperature"] = *asked.temperature;
  sampling["seed"] = seed;
  if (asked.top_k.value_or(0) > 0) {
    sampling["top_k"] = *asked.top_k;
  } else {
    sampling["top_p"] = asked.top_p.value_or(1.0);
  }
  options["sampling"] = std::move(sampling);
  return options.dump();
}

Result<std::string> schema_in_dialect(const std::string& schema) {
  Json translated = Json::parse(schema, nullptr, false);
  if (translated.is_discarded() || !translated.is_object()) {
    return fail(ErrorCode::invalid_argument, "json_schema is not a JSON object",
                "correct the schema");
  }
  // Where a schema leaves the type open, an object fits it.
  if (!translated.contains("type")) translated["type"] = "object";
  if (translated["type"] != "object") {
    return unsupported("apple_foundation does not have json_schema of anything but an object",
                       "put the value into an object");
  }
  TRY(translate(translated, "Answer"));
  return translated.dump();
}

}  // namespace tenfold::apple_foundation
