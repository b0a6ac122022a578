#include "schema_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tenfold::apple_foundation {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

TEST(Schema, GetsTitlesAndTheOrderOfFields) {
  const auto schema = schema_in_dialect(
      R"({"type":"object","properties":{"city":{"enum":["Paris","Rome"]},"at":{"type":"object",
          "properties":{"x":{"type":"number"}},"required":["x"]}},"required":["city"]})");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  const Json json = Json::parse(*schema);
  EXPECT_EQ(json["title"], "Answer");
  EXPECT_EQ(json["x-order"], Json::array({"city", "at"}));
  EXPECT_EQ(json["additionalProperties"], false);
  EXPECT_EQ(json["properties"]["at"]["title"], "at");
  EXPECT_EQ(json["properties"]["at"]["x-order"], Json::array({"x"}));
}

TEST(Schema, RefusesWhatTheDialectDoesNotHave) {
  for (const auto& [schema, part] : std::vector<std::pair<std::string, std::string>>{
           {"{", "not a JSON object"},
           {"[]", "not a JSON object"},
           {R"({"type":"string"})", "anything but an object"},
           {R"({"type":"object","properties":{"a":{"type":"string","format":"date"}}})", "format"},
           {R"({"type":"object","additionalProperties":true})", "additionalProperties"},
           {R"({"type":"object","properties":{"a":1}})", "the schema of a"},
           {R"({"properties":1})", "a properties of Answer"},
           {R"({"required":[1]})", "a required of Answer"},
           {R"({"properties":{"a":{"enum":[]}}})", "a enum of a"},
           {R"({"properties":{"a":{"type":"array","maxItems":1e30}}})", "a maxItems of a"},
           {R"({"properties":{"a":{"type":"array","minItems":-1}}})", "a minItems of a"},
           {R"({"properties":{"a":{"title":{}}}})", "a title of a"},
           {R"({"properties":{"a":{"anyOf":{}}}})", "a anyOf of a"}}) {
    const auto refused = schema_in_dialect(schema);
    ASSERT_FALSE(refused.ok()) << schema;
    EXPECT_THAT(refused.error().message, HasSubstr(part));
  }
}

/// `levels` JSON values, each within the one before.
std::string nested(const std::string& opening, const std::string& closing, int levels) {
  std::string schema;
  for (int i = 0; i < levels; ++i) schema += opening;
  schema += "{}";
  for (int i = 0; i < levels; ++i) schema += closing;
  return schema;
}

TEST(Schema, HasABoundedDepth) {
  EXPECT_TRUE(schema_in_dialect(nested(R"({"properties":{"a":)", "}}", 20)).ok());
  for (const int levels : {40, 200'000}) {
    for (const auto& schema : {nested(R"({"properties":{"a":)", "}}", levels),
                               R"({"enum":)" + nested("[[", "]]", levels) + "}"}) {
      const auto refused = schema_in_dialect(schema);
      ASSERT_FALSE(refused.ok()) << levels;
      EXPECT_EQ(to_string(refused.error().code), "invalid_argument");
      EXPECT_THAT(refused.error().message, HasSubstr("nested deeper than 64"));
    }
  }
}

TEST(Schema, WhatOnlyExplainsIsLeftOut) {
  const auto schema = schema_in_dialect(
      R"({"$schema":"x","properties":{"a":{"type":"integer","default":3,"examples":[1]}}})");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  EXPECT_EQ(Json::parse(*schema)["properties"]["a"], Json({{"type", "integer"}}));
  EXPECT_FALSE(Json::parse(*schema).contains("$schema"));
}

TEST(Schema, OfAToolIsCalledByItsName) {
  EXPECT_EQ(Json::parse(*parameters_in_dialect({"now"}))["title"], "now");
  const auto refused = parameters_in_dialect({"now", "", R"({"not":{}})"});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("the parameters of the tool now with not"));
}

}  // namespace
}  // namespace tenfold::apple_foundation
