// The stand-in for Apple's bridge: tools, and the schemas that are built for them.
#include <cstring>

#include "things.h"

namespace tenfold::apple_foundation {
namespace {

/// Puts the schemas in the place of their names. false: one has no such name, or a guide that its
/// type cannot have.
bool resolve(Json& schema, const std::map<std::string, Json>& others) {
  const std::string type = schema["type"];
  if (schema.contains("pattern") && type != "string") return false;
  if (type == "array") return resolve(schema["items"], others);
  for (const char* known : {"string", "integer", "number", "boolean"}) {
    if (type == known) return true;
  }
  if (type != "object") {
    const auto other = others.find(type);
    if (other == others.end()) return false;
    schema = other->second;
  }
  for (auto& [name, property] : schema["properties"].items()) {
    if (!resolve(property, others)) return false;
  }
  return true;
}

}  // namespace
}  // namespace tenfold::apple_foundation

using namespace tenfold::apple_foundation;

extern "C" {
#pragma GCC visibility push(default)

Ref FMGenerationSchemaCreate(const char* name, const char* description) {
  auto* schema = new Schema;
  schema->json["title"] = name;
  if (description != nullptr) schema->json["description"] = description;
  return give(schema);
}

Ref FMGenerationSchemaPropertyCreate(const char* name, const char* description, const char* type,
                                     bool is_optional) {
  auto* property = new Property;
  property->name = name;
  property->json["optional"] = is_optional;
  if (description != nullptr) property->json["description"] = description;
  const std::string word = type;
  if (word.starts_with("array<")) {
    property->json["type"] = "array";
    property->json["items"] = {{"type", word.substr(6, word.size() - 7)}};
  } else {
    property->json["type"] = word;
  }
  return give(property);
}

void FMGenerationSchemaPropertyAddAnyOfGuide(Ref property, const char** choices, int count,
                                             bool of_items) {
  Json& guided = const_cast<Property&>(as<Property>(property)).guided(of_items);
  guided["enum"] = std::vector<std::string>(choices, choices + count);
}
void FMGenerationSchemaPropertyAddMinimumGuide(Ref property, double minimum, bool of_items) {
  Json& guided = const_cast<Property&>(as<Property>(property)).guided(of_items);
  guided["minimum"] = guided["type"] == "integer" ? Json(static_cast<int>(minimum)) : Json(minimum);
}
void FMGenerationSchemaPropertyAddMaximumGuide(Ref property, double maximum, bool of_items) {
  const_cast<Property&>(as<Property>(property)).guided(of_items)["maximum"] = maximum;
}
void FMGenerationSchemaPropertyAddMinItemsGuide(Ref property, int items) {
  const_cast<Property&>(as<Property>(property)).json["minItems"] = items;
}
void FMGenerationSchemaPropertyAddMaxItemsGuide(Ref property, int items) {
  const_cast<Property&>(as<Property>(property)).json["maxItems"] = items;
}
void FMGenerationSchemaPropertyAddRegex(Ref property, const char* pattern, bool of_items) {
  const_cast<Property&>(as<Property>(property)).guided(of_items)["pattern"] = pattern;
}
void FMGenerationSchemaAddProperty(Ref schema, Ref property) {
  Json& json = const_cast<Schema&>(as<Schema>(schema)).json;
  const auto& added = as<Property>(property);
  json["properties"][added.name] = added.json;
  json["x-order"].push_back(added.name);
}
void FMGenerationSchemaAddReferenceSchema(Ref schema, Ref other) {
  const Json& json = as<Schema>(other).json;
  const_cast<Schema&>(as<Schema>(schema)).others[json["title"]] = json;
}

Ref FMBridgedToolCreate(const char*, const char*, Ref schema, ToolCallback function, int* code,
                        char** failure) {
  const auto& given = as<Schema>(schema);
  auto* tool = new BridgedTool;
  tool->state->function = function;
  tool->state->parameters = given.json;
  if (resolve(tool->state->parameters, given.others)) return give(tool);
  delete tool;
  *code = static_cast<int>(Status::unsupported_guide);
  *failure = ::strdup("so it is");
  return nullptr;
}

void FMBridgedToolFinishCall(Ref tool, unsigned call, const char*) {
  as<BridgedTool>(tool).state->finish(call);
}

#pragma GCC visibility pop
}  // extern "C"
