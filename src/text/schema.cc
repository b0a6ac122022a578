#include "text/schema.h"

#include <algorithm>
#include <string_view>

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

/// Those of llguidance (src/json/formats.rs).
constexpr std::string_view enforced_formats[] = {"date-time", "time", "date", "duration", "email",
                                                 "hostname",  "ipv4", "ipv6", "uuid",     "uri"};

/// Keywords whose values are no schemas, however they look.
constexpr std::string_view values[] = {"enum", "const", "default", "examples", "x-guidance"};
/// Keywords whose values are schemas by names of the author's.
constexpr std::string_view maps[] = {"properties", "patternProperties", "$defs", "definitions",
                                     "dependentSchemas"};

/// Calls `change` with the schema and all within it.
template <typename Change>
void each_schema(Json& schema, const Change& change) {
  if (schema.is_array()) {
    for (Json& one : schema) each_schema(one, change);
  }
  if (!schema.is_object()) return;
  change(schema);
  for (auto& [keyword, value] : schema.items()) {
    if (std::ranges::find(values, keyword) != std::end(values)) continue;
    if (std::ranges::find(maps, keyword) == std::end(maps)) {
      each_schema(value, change);
    } else if (value.is_object()) {
      for (Json& named : value) each_schema(named, change);
    }
  }
}

void close_objects(Json& schema) {
  if (!schema.is_object()) return;
  constexpr const char* parts[] = {"$ref", "anyOf", "oneOf", "if", "not", "patternProperties"};
  const bool has_parts =
      std::ranges::any_of(parts, [&](const char* part) { return schema.contains(part); });
  if (!has_parts && schema.contains("properties")) schema.emplace("additionalProperties", false);
  for (const char* inner : {"properties", "$defs", "definitions"}) {
    if (!schema.contains(inner) || !schema[inner].is_object()) continue;
    for (auto& [name, each] : schema[inner].items()) close_objects(each);
  }
  if (schema.contains("items")) close_objects(schema["items"]);
}

}  // namespace

void drop_unknown_formats(Json& schema) {
  each_schema(schema, [](Json& one) {
    const auto format = one.find("format");
    if (format == one.end() || !format->is_string()) return;
    const auto& name = format->get_ref<const std::string&>();
    if (std::ranges::find(enforced_formats, name) == std::end(enforced_formats)) one.erase(format);
  });
}

void move_references(Json& schema, const std::string& to) {
  each_schema(schema, [&](Json& one) {
    const auto reference = one.find("$ref");
    if (reference == one.end() || !reference->is_string()) return;
    const auto& target = reference->get_ref<const std::string&>();
    if (target == "#" || target.starts_with("#/")) *reference = "#" + to + target.substr(1);
  });
}

Json enforced_schema(const Tool& tool) {
  if (tool.parameters.empty()) return {{"type", "object"}, {"additionalProperties", false}};
  Json schema = Json::parse(tool.parameters);
  if (schema.value("type", Json()) != "object") schema["type"] = "object";
  drop_unknown_formats(schema);
  if (tool.parameters.find("\"allOf\"") == std::string::npos) close_objects(schema);
  return schema;
}

}  // namespace tenfold
