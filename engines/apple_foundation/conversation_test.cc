#include "conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tenfold::apple_foundation {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

TEST(Conversation, AllButTheLastMessageIsTheTranscript) {
  const auto read = read_conversation(std::vector<Message>{
      {"system", "Be brief."}, {"user", "Hi"}, {"assistant", "Hello."}, {"user", "And?"}});
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->prompt, "And?");
  const Json json = Json::parse(read->transcript);
  EXPECT_EQ(json["type"], "FoundationModels.Transcript");
  std::vector<std::string> entries;
  for (const Json& entry : json["transcript"]["entries"]) {
    entries.push_back(entry["role"].get<std::string>() + ": " +
                      entry["contents"][0]["text"].get<std::string>());
  }
  EXPECT_EQ(entries,
            (std::vector<std::string>{"instructions: Be brief.", "user: Hi", "response: Hello."}));
  EXPECT_EQ(read_conversation("Once")->prompt, "Once");
}

TEST(Conversation, RefusesWhatItCannotSay) {
  const auto begun = read_conversation(std::vector<Message>{{"user", "Hi"}, {"assistant", "Hel"}});
  EXPECT_EQ(begun.error().code, ErrorCode::unsupported);
  EXPECT_EQ(read_conversation(std::string("a\0b", 3)).error().code, ErrorCode::invalid_argument);
}

TEST(Options, HaveWhatIsGiven) {
  Request request;
  EXPECT_EQ(*generation_options(request, 7, 50),
            R"({"maximum_response_tokens":50,"sampling":{"mode":"random","seed":7,"top_p":1.0}})");
  request.sampling.temperature = 0.5;
  request.sampling.top_k = 9;
  EXPECT_EQ(
      *generation_options(request, 7, 50),
      R"({"maximum_response_tokens":50,"temperature":0.5,"sampling":{"mode":"random","seed":7,"top_k":9}})");
  request.sampling.top_p = 0.9;
  EXPECT_EQ(generation_options(request, 7, 50).error().code, ErrorCode::unsupported);
  request.sampling = {};
  request.sampling.temperature = 0;
  EXPECT_EQ(*generation_options(request, 7, 50),
            R"({"maximum_response_tokens":50,"sampling":{"mode":"greedy"}})");
}

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
           {R"({"type":"object","properties":{"a":1}})", "the schema of a"}}) {
    const auto refused = schema_in_dialect(schema);
    ASSERT_FALSE(refused.ok()) << schema;
    EXPECT_THAT(refused.error().message, HasSubstr(part));
  }
}

}  // namespace
}  // namespace tenfold::apple_foundation
