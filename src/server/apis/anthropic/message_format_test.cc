#include "server/apis/anthropic/message_format.h"

#include <gmock/gmock.h>

namespace tenfold::server::anthropic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

MessageFormat format(bool show_thinking = true) {
  MessageFields fields;
  fields.use.model = "m";
  fields.show_thinking = show_thinking;
  return MessageFormat(fields);
}

Delta text(const std::string& text) {
  Delta delta;
  delta.text = text;
  return delta;
}

Delta reasoning(const std::string& text) {
  Delta delta;
  delta.reasoning = text;
  return delta;
}

Delta call(const ToolCall& call) {
  Delta delta;
  delta.tool_calls = {call};
  return delta;
}

/// The data of a stream's events; each event's name must be its type.
std::vector<Json> events(const std::string& stream) {
  std::vector<Json> out;
  std::size_t at = 0;
  while (at < stream.size()) {
    const std::size_t end = stream.find("\n\n", at);
    const std::string event = stream.substr(at, end - at);
    const std::size_t data = event.find("\ndata: ");
    out.push_back(Json::parse(event.substr(data + 7)));
    EXPECT_EQ(event.substr(0, data), "event: " + out.back()["type"].get<std::string>());
    at = end + 2;
  }
  return out;
}

/// One word an event: its type, with the index and the type of what it brings.
std::vector<std::string> outline(const std::string& stream) {
  std::vector<std::string> out;
  for (const Json& event : events(stream)) {
    std::string word = event["type"];
    if (event.contains("index")) word += " " + event["index"].dump();
    if (event.contains("content_block")) {
      word += " " + event["content_block"]["type"].get<std::string>();
    }
    if (event.contains("delta") && event["delta"].contains("type")) {
      word += " " + event["delta"]["type"].get<std::string>();
    }
    out.push_back(word);
  }
  return out;
}

TEST(MessageFormat, StreamsBlockAfterBlock) {
  MessageFormat messages = format();
  std::string stream = messages.begin();
  stream += messages.delta(0, reasoning("Hm"));
  stream += messages.delta(0, reasoning("."));
  stream += messages.delta(0, text("I look."));
  stream += messages.delta(0, call({"c1", "f", "{}"}));
  stream += messages.delta(0, call({"c2", "g", "{}"}));
  Answer answer;
  answer.finish = FinishReason::tool_call;
  stream += messages.end(0, answer);
  stream += messages.finish();
  EXPECT_THAT(
      outline(stream),
      ElementsAre("message_start", "ping", "content_block_start 0 thinking",
                  "content_block_delta 0 thinking_delta", "content_block_delta 0 thinking_delta",
                  "content_block_stop 0", "content_block_start 1 text",
                  "content_block_delta 1 text_delta", "content_block_stop 1",
                  "content_block_start 2 tool_use", "content_block_delta 2 input_json_delta",
                  "content_block_stop 2", "content_block_start 3 tool_use",
                  "content_block_delta 3 input_json_delta", "content_block_stop 3", "message_delta",
                  "message_stop"));
}

TEST(MessageFormat, ClosesTheLastBlockAndTellsTheUsage) {
  MessageFormat messages = format();
  messages.delta(0, text("a"));
  Answer answer;
  answer.finish = FinishReason::stop_string;
  answer.stop_string = "b";
  answer.usage.prompt_tokens = 10;
  answer.usage.cached_tokens = 7;
  answer.usage.generated_tokens = 2;
  const auto end = events(messages.end(0, answer));
  ASSERT_EQ(end.size(), 2U);
  EXPECT_EQ(end[0]["type"], "content_block_stop");
  EXPECT_EQ(end[1]["delta"], Json::parse(R"({"stop_reason": "stop_sequence",
                                             "stop_sequence": "b"})"));
  EXPECT_EQ(end[1]["usage"]["input_tokens"], 3);
  EXPECT_EQ(end[1]["usage"]["cache_read_input_tokens"], 7);
  EXPECT_EQ(end[1]["usage"]["output_tokens"], 2);
}

TEST(MessageFormat, NoticesArePings) {
  MessageFormat messages = format();
  const auto said = events(messages.notice({"the engine died", {}}));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0]["type"], "ping");
  EXPECT_EQ(said[0]["tenfold"]["notice"], "the engine died");
}

TEST(MessageFormat, AFailureIsAnEvent) {
  const std::string said = format().failure({ErrorCode::out_of_memory, "no memory", "", {}});
  EXPECT_THAT(said, StartsWith("event: error\n"));
  EXPECT_THAT(said, HasSubstr("overloaded_error"));
}

TEST(MessageFormat, WholeAnswersHaveTheSameBlocks) {
  Answer answer;
  answer.reasoning = "Hm.";
  answer.text = "I look.";
  answer.tool_calls = {{"c1", "f", R"({"a":1})"}};
  answer.finish = FinishReason::tool_call;
  const Json json = format().whole({&answer, 1});
  EXPECT_EQ(json["type"], "message");
  EXPECT_EQ(json["stop_reason"], "tool_use");
  EXPECT_EQ(json["content"], Json::parse(R"([
      {"type": "thinking", "thinking": "Hm.", "signature": ""},
      {"type": "text", "text": "I look."},
      {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}}])"));
}

TEST(MessageFormat, ThinkingIsLeftOutOnWish) {
  Answer answer;
  answer.reasoning = "Hm.";
  answer.text = "Yes.";
  MessageFormat messages = format(false);
  EXPECT_EQ(messages.delta(0, reasoning("Hm.")), "");
  EXPECT_EQ(messages.whole({&answer, 1})["content"].size(), 1U);
}

class StopReason : public testing::TestWithParam<std::pair<FinishReason, const char*>> {};

TEST_P(StopReason, HasAnthropicsWord) {
  Answer answer;
  answer.finish = GetParam().first;
  EXPECT_EQ(format().whole({&answer, 1})["stop_reason"], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Reasons, StopReason,
                         testing::Values(std::pair{FinishReason::stop, "end_turn"},
                                         std::pair{FinishReason::length, "max_tokens"},
                                         std::pair{FinishReason::tool_call, "tool_use"},
                                         std::pair{FinishReason::context_full,
                                                   "model_context_window_exceeded"}));

}  // namespace
}  // namespace tenfold::server::anthropic
