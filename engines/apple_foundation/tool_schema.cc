#include "tool_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

namespace tenfold::apple_foundation {
namespace {

// The order of fields is part of a schema.
using Json = nlohmann::ordered_json;

Error unsupported(const std::string& what) {
  return fail(ErrorCode::unsupported,
              fmt::format("apple_foundation does not have arguments of tools with {}", what),
              "leave it out of the tool's parameters, or use another engine");
}

/// An object within the arguments is a schema of its own, which the outermost one has to know.
class SchemaBuilder {
 public:
  explicit SchemaBuilder(const Bridge& bridge) : bridge_(bridge) {}

  Result<Object> build(const Json& schema) {
    Object root = TRY(object(schema, schema.value("title", "Arguments")));
    for (const Object& other : others_) {
      bridge_.GenerationSchemaAddReferenceSchema(root.get(), other.get());
    }
    return root;
  }

 private:
  Result<Object> object(const Json& schema, const std::string& name) {
    for (const char* keyword : {"$defs", "$ref", "anyOf"}) {
      if (schema.contains(keyword)) return unsupported(keyword);
    }
    const std::string description = schema.value("description", "");
    Object built(bridge_, bridge_.GenerationSchemaCreate(
                              name.c_str(), description.empty() ? nullptr : description.c_str()));
    const Json& required = schema["required"];
    for (const auto& [field, value] : schema["properties"].items()) {
      const bool is_optional = std::ranges::find(required, Json(field)) == required.end();
      const Object property = TRY(this->property(field, value, is_optional));
      bridge_.GenerationSchemaAddProperty(built.get(), property.get());
    }
    return built;
  }

  Result<Object> property(const std::string& name, const Json& schema, bool is_optional) {
    const bool is_list = schema.value("type", Json()) == "array";
    if (is_list && !schema.contains("items")) return unsupported("lists of anything: " + name);
    const Json& value = is_list ? schema["items"] : schema;
    std::string type = TRY(type_of(name, value));
    if (is_list && (type == "boolean" || type == "array")) {
      return unsupported(fmt::format("lists of {}s: {}", type, name));
    }
    if (is_list) type = fmt::format("array<{}>", type);
    const std::string description = schema.value("description", "");
    Object built(bridge_, bridge_.GenerationSchemaPropertyCreate(
                              name.c_str(), description.empty() ? nullptr : description.c_str(),
                              type.c_str(), is_optional));
    TRY(guide_value(built.get(), name, value, is_list));
    if (schema.contains("minItems")) {
      bridge_.GenerationSchemaPropertyAddMinItemsGuide(built.get(), schema["minItems"]);
    }
    if (schema.contains("maxItems")) {
      bridge_.GenerationSchemaPropertyAddMaxItemsGuide(built.get(), schema["maxItems"]);
    }
    return built;
  }

  /// The bridge's word for a type, or the name of an object's schema.
  Result<std::string> type_of(const std::string& name, const Json& schema) {
    for (const char* keyword : {"$ref", "anyOf"}) {
      if (schema.contains(keyword)) return unsupported(keyword);
    }
    if (!schema.contains("type") && schema.contains("enum")) return std::string("string");
    if (!schema.contains("type") || !schema["type"].is_string()) {
      return unsupported("values of no type, or of several: " + name);
    }
    const std::string type = schema["type"];
    for (const std::string_view known : {"string", "integer", "number", "boolean", "array"}) {
      if (type == known) return type;
    }
    if (type != "object") return unsupported("values of the type " + type);
    // Letters and digits alone are a name in "array<NAME>".
    std::string schema_name = name;
    std::erase_if(schema_name, [](unsigned char c) { return std::isalnum(c) == 0; });
    schema_name += std::to_string(others_.size() + 1);
    others_.push_back({});  // keeps its number while those inside are built
    const std::size_t place = others_.size() - 1;
    others_[place] = TRY(object(schema, schema_name));
    return schema_name;
  }

  Result<void> guide_value(Ref property, const std::string& name, const Json& schema,
                           bool of_items) {
    if (schema.contains("enum")) {
      std::vector<std::string> choices;
      for (const Json& choice : schema["enum"]) {
        if (!choice.is_string()) return unsupported("an enum of anything but texts: " + name);
        choices.push_back(choice);
      }
      std::vector<const char*> texts;
      for (const std::string& choice : choices) texts.push_back(choice.c_str());
      bridge_.GenerationSchemaPropertyAddAnyOfGuide(property, texts.data(),
                                                    static_cast<int>(texts.size()), of_items);
    }
    if (schema.contains("minimum")) {
      bridge_.GenerationSchemaPropertyAddMinimumGuide(property, schema["minimum"], of_items);
    }
    if (schema.contains("maximum")) {
      bridge_.GenerationSchemaPropertyAddMaximumGuide(property, schema["maximum"], of_items);
    }
    if (schema.contains("pattern")) {
      const std::string pattern = schema["pattern"];
      bridge_.GenerationSchemaPropertyAddRegex(property, pattern.c_str(), of_items);
    }
    return {};
  }

  const Bridge& bridge_;
  std::vector<Object> others_;
};

}  // namespace

Result<Object> build_schema(const Bridge& bridge, const std::string& schema) {
  bool has_zero = false;
  const auto look = [&](int, Json::parse_event_t, const Json& part) {
    has_zero = has_zero || (part.is_string() &&
                            part.get_ref<const std::string&>().find('\0') != std::string::npos);
    return true;
  };
  const Json parsed = Json::parse(schema, look);
  if (has_zero) {
    return fail(ErrorCode::invalid_argument, "the parameters of a tool have a zero byte",
                "correct the schema");
  }
  return SchemaBuilder(bridge).build(parsed);
}

}  // namespace tenfold::apple_foundation
