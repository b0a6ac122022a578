#include "server/apis/anthropic/message_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::anthropic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<MessageFields> read(const std::string& body) {
  return read_message_request(Json::parse(body), body, Limits{});
}

/// The body of a plain question with more fields.
std::string with(const std::string& fields) {
  return R"({"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], )" + fields + "}";
}

std::string with_messages(const std::string& messages) {
  return R"({"max_tokens": 9, "messages": [)" + messages + "]}";
}

const ChatPrompt& prompt(const Result<MessageFields>& fields) {
  return std::get<ChatPrompt>(fields->request.prompt);
}

TEST(MessageRequest, ReadsWhatItKnows) {
  const auto fields = read(with(R"("model": "m", "system": [{"type": "text", "text": "Be",
              "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "brief."}],
              "temperature": 0, "top_k": 3, "top_p": 0.5, "stop_sequences": ["x"], "stream": true,
              "metadata": {"user_id": "u"}, "service_tier": "auto")"));
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_EQ(fields->use.model, "m");
  EXPECT_EQ(fields->request.max_tokens, 9);
  EXPECT_EQ(fields->request.sampling.temperature, 0);
  EXPECT_EQ(fields->request.sampling.top_k, 3);
  EXPECT_EQ(fields->request.sampling.top_p, 0.5);
  EXPECT_THAT(fields->request.stop, ElementsAre("x"));
  EXPECT_TRUE(fields->stream && fields->show_thinking);
  EXPECT_THAT(prompt(fields).messages,
              ElementsAre(Message{"system", "Be\nbrief."}, Message{"user", "Hi"}));
}

TEST(MessageRequest, CallsAndResultsAreMessagesOfTheirOwn) {
  const auto fields = read(with_messages(R"(
      {"role": "user", "content": "Weather?"},
      {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": ""},
          {"type": "text", "text": "I look."},
          {"type": "tool_use", "id": "c1", "name": "f", "input": {"z": 1, "a": 2}}]},
      {"role": "user", "content": [
          {"type": "tool_result", "tool_use_id": "c1", "is_error": true,
           "content": [{"type": "text", "text": "none"}]},
          {"type": "text", "text": "Go"}, {"type": "text", "text": "on."}]})"));
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  const Message called{"assistant", "I look.", "Hm.", {{"c1", "f", R"({"z":1,"a":2})"}}};
  const Message result{"tool", "Error: none", "", {}, "c1", "f"};
  EXPECT_THAT(prompt(fields).messages,
              ElementsAre(Message{"user", "Weather?"}, called, result, Message{"user", "Go\non."}));
}

TEST(MessageRequest, ToolsKeepTheOrderOfTheirFields) {
  const auto fields = read(with(R"("tools": [{"name": "f", "input_schema":
      {"type": "object", "properties": {"z": {}, "a": {}}}}],
      "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": true})"));
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_EQ(prompt(fields).tools[0].parameters,
            R"({"type":"object","properties":{"z":{},"a":{}}})");
  EXPECT_EQ(fields->request.tool_choice.kind, ToolChoice::Kind::named);
  EXPECT_EQ(fields->request.tool_choice.name, "f");
  EXPECT_FALSE(fields->request.parallel_tool_calls);
}

TEST(MessageRequest, AnswersMayHaveToFitASchema) {
  const auto fields = read(with(R"("output_config": {"format": {"type": "json_schema",
      "schema": {"type": "object", "properties": {"b": {}, "a": {}}}}})"));
  EXPECT_EQ(fields->request.constraint.kind, Constraint::Kind::json_schema);
  EXPECT_EQ(fields->request.constraint.text, R"({"type":"object","properties":{"b":{},"a":{}}})");
}

TEST(MessageRequest, ThinkingIsLeftOutOnWish) {
  EXPECT_TRUE(read(with(R"("thinking": {"type": "adaptive"})"))->show_thinking);
  EXPECT_FALSE(read(with(R"("thinking": {"type": "disabled"})"))->show_thinking);
  EXPECT_FALSE(
      read(with(R"("thinking": {"type": "adaptive", "display": "omitted"})"))->show_thinking);
}

TEST(MessageRequest, ThinkingIsSwitchedAndMeasured) {
  const auto thinking = [](const std::string& fields) {
    return read(with(fields))->request.thinking;
  };
  using Mode = Thinking::Mode;
  EXPECT_EQ(thinking(R"("thinking": {"type": "enabled", "budget_tokens": 1024})"),
            (Thinking{Mode::on, "", 1024}));
  EXPECT_EQ(thinking(R"("thinking": {"type": "disabled"}, "output_config": {"effort": "low"})"),
            (Thinking{Mode::off}));
  EXPECT_EQ(thinking(R"("thinking": {"type": "adaptive"}, "output_config": {"effort": "high"})"),
            (Thinking{Mode::on, "high"}));
  EXPECT_EQ(thinking(R"("thinking": {"type": "adaptive"})"), Thinking());
}

TEST(MessageRequest, CountingNeedsThePromptAlone) {
  const std::string body = R"({"messages": [{"role": "user", "content": "Hi"}]})";
  EXPECT_TRUE(read_count_request(Json::parse(body), body, Limits{}).ok());
  EXPECT_THAT(read(body).error().message, HasSubstr("max_tokens is missing"));
}

struct Refused {
  std::string body;
  const char* message;
};

class MessageRefusal : public testing::TestWithParam<Refused> {};

TEST_P(MessageRefusal, NamesTheField) {
  const auto fields = read(GetParam().body);
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, MessageRefusal,
    testing::Values(
        Refused{R"({"max_tokens": 1})", "messages is missing"},
        Refused{with_messages(""), "messages must be a non-empty array"},
        Refused{with(R"("stop": "x")"), "stop is not a known field"},
        Refused{with(R"("system": 1)"), "system must be a string"},
        Refused{with(R"("speed": "fast")"), "speed is not supported"},
        Refused{with(R"("thinking": {"type": "enabled", "budget_tokens": -1})"),
                "thinking.budget_tokens must not be negative"},
        Refused{with(R"("output_config": {"effort": "lower"})"), "output_config.effort cannot be"},
        Refused{with(R"("output_config": {"format": {"schema": [1]}})"), "format.schema must be"},
        Refused{with(R"("tools": [{"type": "function", "name": "bash"}])"), "tools[0].type"},
        Refused{with(R"("tools": [{"name": "f"}])"), "tools[0].input_schema is missing"},
        Refused{with(R"("tool_choice": {"type": "required"})"), "tool_choice.type must be"},
        Refused{with(R"("tool_choice": {"type": "tool"})"), "tool_choice.name"},
        Refused{with_messages(R"({"role": "king", "content": ""})"), "messages[0].role must be"},
        Refused{with_messages(R"({"role": "user"})"), "messages[0].content is missing"},
        Refused{with_messages(R"({"role": "user", "content": [{"type": "image", "source": {}}]})"),
                "messages[0].content[0] has the type \"image\""},
        Refused{with_messages(R"({"role": "user", "content": [{"type": "tool_result",
                                  "tool_use_id": "c9"}]})"),
                "messages[0].content[0].tool_use_id is \"c9\", which no tool_use"},
        Refused{with_messages(R"({"role": "assistant", "content": [{"type": "tool_use", "id": "c",
                                  "name": "f", "input": {}}, {"type": "text", "text": "x"}]})"),
                "messages[0].content[1] comes after"}));

}  // namespace
}  // namespace tenfold::server::anthropic
