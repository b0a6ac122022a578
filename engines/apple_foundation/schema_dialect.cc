#include "schema_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tenfold::apple_foundation {
namespace {

// The order of fields is part of a schema.
using Json = nlohmann::ordered_json;

bool is_text(const Json& value) { return value.is_string(); }
bool is_number(const Json& value) { return value.is_number(); }
bool is_object(const Json& value) { return value.is_object(); }
bool is_list(const Json& value) { return value.is_array() && !value.empty(); }
bool is_type(const Json& value) { return is_text(value) || is_list(value); }
bool is_size(const Json& value) {
  return value.is_number_unsigned() && value <= std::numeric_limits<int>::max();
}
bool is_list_of_texts(const Json& value) {
  return value.is_array() && std::ranges::all_of(value, is_text);
}

/// What the dialect has, and what its values have to be.
struct Keyword {
  std::string_view name;
  bool (*fits)(const Json& value);
};
constexpr std::array<Keyword, 15> keywords{{{"type", is_type},
                                            {"properties", is_object},
                                            {"required", is_list_of_texts},
                                            {"items", is_object},
                                            {"enum", is_list},
                                            {"minItems", is_size},
                                            {"maxItems", is_size},
                                            {"minimum", is_number},
                                            {"maximum", is_number},
                                            {"pattern", is_text},
                                            {"title", is_text},
                                            {"description", is_text},
                                            {"$defs", is_object},
                                            {"$ref", is_text},
                                            {"anyOf", is_list}}};

/// They restrict nothing.
constexpr std::array<const char*, 5> explanations{"$schema", "$id", "$comment", "default",
                                                  "examples"};

/// This translation, the text it is written as and Apple's reader go down into a schema by
/// recursion.
constexpr int deepest = 64;

class Translator {
 public:
  /// `what` is what errors call the schema.
  explicit Translator(std::string what) : what_(std::move(what)) {}

  Result<std::string> translate(const std::string& schema, const std::string& title) const {
    bool is_deep = false;
    const auto look = [&](int depth, Json::parse_event_t, const Json&) {
      is_deep = is_deep || depth > deepest;
      return !is_deep;
    };
    Json translated = Json::parse(schema, look, false);
    if (is_deep) return invalid(fmt::format("is nested deeper than {}", deepest));
    if (!translated.is_object()) return invalid("is not a JSON object");
    // Where a schema leaves the type open, an object fits it.
    if (!translated.contains("type")) translated["type"] = "object";
    if (translated["type"] != "object") {
      return fail(ErrorCode::unsupported,
                  fmt::format("apple_foundation does not have {} of anything but an object", what_),
                  "put the value into an object");
    }
    TRY(value(translated, title));
    return translated.dump();
  }

 private:
  Result<void> value(Json& schema, const std::string& name) const {
    if (!schema.is_object()) return invalid("has no object as the schema of " + name);
    for (const char* keyword : explanations) schema.erase(keyword);
    for (const auto& [keyword, value] : schema.items()) TRY(check(keyword, value, name));
    for (const char* list : {"anyOf", "$defs"}) {
      if (!schema.contains(list)) continue;
      for (auto& [key, value] : schema[list].items()) TRY(this->value(value, name + key));
    }
    if (schema.contains("items")) TRY(value(schema["items"], name + "Item"));
    if (!schema.contains("type") || schema["type"] != "object") return {};
    return object(schema, name);
  }

  Result<void> object(Json& schema, const std::string& name) const {
    if (!schema.contains("title")) schema["title"] = name;
    schema["additionalProperties"] = false;
    if (!schema.contains("properties")) schema["properties"] = Json::object();
    Json order = Json::array();
    for (auto& [field, value] : schema["properties"].items()) {
      order.push_back(field);
      TRY(this->value(value, field));
    }
    if (!schema.contains("required")) schema["required"] = Json::array();
    schema["x-order"] = std::move(order);
    return {};
  }

  [[nodiscard]] Result<void> check(const std::string& keyword, const Json& value,
                                   const std::string& name) const {
    if (keyword == "additionalProperties" && value == false) return {};
    const auto* known = std::ranges::find(keywords, keyword, &Keyword::name);
    if (known == keywords.end()) {
      return fail(ErrorCode::unsupported,
                  fmt::format("apple_foundation does not have {} with {}", what_, keyword),
                  "leave it out of the schema, or use another engine");
    }
    if (known->fits(value)) return {};
    return invalid(fmt::format("has a {} of {} that cannot be", keyword, name));
  }

  [[nodiscard]] Error invalid(const std::string& why) const {
    return fail(ErrorCode::invalid_argument, fmt::format("{} {}", what_, why),
                "correct the schema");
  }

  std::string what_;
};

}  // namespace

Result<std::string> schema_in_dialect(const std::string& schema) {
  return Translator("json_schema").translate(schema, "Answer");
}

Result<std::string> parameters_in_dialect(const Tool& tool) {
  return Translator("the parameters of the tool " + tool.name)
      .translate(tool.parameters.empty() ? "{}" : tool.parameters, tool.name);
}

}  // namespace tenfold::apple_foundation
