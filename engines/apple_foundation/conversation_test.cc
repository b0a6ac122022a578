#include "conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

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
  const std::string zero("a\0b", 3);
  EXPECT_EQ(read_conversation(zero).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(read_conversation(ChatPrompt({{"user", "Hi"}}, {{"add", zero}})).error().code,
            ErrorCode::invalid_argument);
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

TEST(Conversation, ToolsAreDefinedAndTheirCallsAndResultsAreEntries) {
  const Tool add{"add", "Adds", R"({"type":"object","properties":{"a":{"type":"integer"}}})"};
  const auto read = read_conversation(ChatPrompt(
      {{"user", "1+1?"},
       {.role = "assistant", .content = "Well", .tool_calls = {{"call_7", "add", R"({"a":1})"}}},
       {.role = "tool", .content = "2", .tool_call_id = "call_7"}},
      {add}));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->prompt, "Go on with the results of the tools.");
  const Json json = Json::parse(read->transcript);
  const Json& entries = json["transcript"]["entries"];
  std::vector<std::string> roles;
  std::set<std::string> ids;
  for (const Json& entry : entries) {
    roles.push_back(entry["role"]);
    ids.insert(entry["id"]);
  }
  EXPECT_EQ(roles,
            (std::vector<std::string>{"instructions", "user", "response", "response", "tool"}));
  EXPECT_EQ(ids.size(), entries.size());
  EXPECT_EQ(entries[0]["contents"], Json::array());
  const Json& function = entries[0]["tools"][0]["function"];
  EXPECT_EQ(function["name"], "add");
  EXPECT_EQ(function["parameters"]["x-order"], Json::array({"a"}));
  EXPECT_EQ(entries[2]["contents"][0]["text"], "Well");
  EXPECT_EQ(entries[3]["toolCalls"],
            Json::parse(R"([{"id":"call_7","name":"add","arguments":"{\"a\":1}"}])"));
  EXPECT_EQ(entries[4]["toolCallID"], "call_7");
  EXPECT_EQ(entries[4]["id"], "call_7");
  EXPECT_EQ(entries[4]["toolName"], "add");
  EXPECT_EQ(entries[4]["contents"][0]["text"], "2");
}

TEST(Conversation, AResultBelongsToATool) {
  const auto read =
      read_conversation(std::vector<Message>{{"user", "Hi"}, {.role = "tool", .content = "2"}});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(read.error().message, HasSubstr("messages[1]"));
}

}  // namespace
}  // namespace tenfold::apple_foundation
