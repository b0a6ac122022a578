#include "text/schema.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

TEST(Schema, FormatsThatNobodyKnowsAreIgnored) {
  Json schema = Json::parse(R"({"format": "date", "properties": {"format": {"format": "binary"},
      "a": {"items": [{"format": "password"}, {"format": "uuid"}]}},
      "enum": [{"format": "binary"}], "anyOf": [{"format": "path"}]})");
  drop_unknown_formats(schema);
  EXPECT_EQ(schema, Json::parse(R"({"format": "date", "properties": {"format": {},
      "a": {"items": [{}, {"format": "uuid"}]}},
      "enum": [{"format": "binary"}], "anyOf": [{}]})"));
}

TEST(Schema, ReferencesFollowTheirSchema) {
  Json schema = Json::parse(R"({"$ref": "#", "properties": {"$ref": {"$ref": "#/$defs/x"}},
      "const": {"$ref": "#"}, "$defs": {"x": {"$ref": "https://example.com/#"}}})");
  move_references(schema, "/properties/arguments");
  EXPECT_EQ(schema, Json::parse(R"({"$ref": "#/properties/arguments",
      "properties": {"$ref": {"$ref": "#/properties/arguments/$defs/x"}},
      "const": {"$ref": "#"}, "$defs": {"x": {"$ref": "https://example.com/#"}}})"));
}

TEST(Schema, ArgumentsAreAnObject) {
  for (const char* parameters :
       {"", "{}", R"({"type": ["array", "object", "null"]})", R"({"type": "string"})"}) {
    EXPECT_EQ(enforced_schema({"f", "", parameters})["type"], "object") << parameters;
  }
  EXPECT_EQ(enforced_schema({"f", "", R"({"properties": {"a": {}}})"}),
            Json::parse(R"({"properties": {"a": {}}, "type": "object",
                            "additionalProperties": false})"));
}

}  // namespace
}  // namespace tenfold
