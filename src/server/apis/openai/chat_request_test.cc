#include "server/apis/openai/chat_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::openai {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Result<GenerationFields> read(const std::string& body) {
  return read_chat(Json::parse(body), body, Limits{});
}

/// The body of a plain question with more fields.
std::string with(const std::string& fields) {
  return R"({"messages": [{"role": "user", "content": "Hi"}], )" + fields + "}";
}

const ChatPrompt& prompt(const GenerationFields& fields) {
  return std::get<ChatPrompt>(fields.request.prompt);
}

TEST(ChatRequest, ReadsWhatItKnows) {
  const auto fields =
      read(with(R"("model": "m", "temperature": 0, "top_p": 0.5, "seed": 7, "n": 2, "stop": "x",
                   "max_completion_tokens": 9, "stream": true, "logprobs": true, "top_logprobs": 3,
                   "stream_options": {"include_usage": true}, "logit_bias": {"5": -100})"))
          .value();
  EXPECT_EQ(fields.use.model, "m");
  EXPECT_EQ(fields.request.sampling.temperature, 0);
  EXPECT_EQ(fields.request.sampling.top_p, 0.5);
  EXPECT_EQ(fields.request.sampling.logit_bias.at(5), -100);
  EXPECT_EQ(fields.request.max_tokens, 9);
  EXPECT_EQ(fields.request.logprobs, 3);
  EXPECT_EQ(fields.request.stop, std::vector<std::string>{"x"});
  EXPECT_TRUE(fields.stream && fields.stream_usage);
  const auto requests = one_a_choice(fields);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].sampling.seed, 8U);
}

TEST(ChatRequest, ContentsMayComeInParts) {
  const auto fields = read(R"({"messages": [{"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]})");
  EXPECT_EQ(prompt(*fields).messages[0].role, "system");
  EXPECT_EQ(prompt(*fields).messages[1].content, "a\nb");
}

TEST(ChatRequest, ToolsKeepTheOrderOfTheirFields) {
  const auto fields = read(with(R"("tools": [{"type": "function", "function": {"name": "f",
      "parameters": {"type": "object", "properties": {"z": {}, "a": {}}}}}],
      "tool_choice": {"type": "function", "function": {"name": "f"}})"));
  EXPECT_EQ(prompt(*fields).tools[0].parameters,
            R"({"type":"object","properties":{"z":{},"a":{}}})");
  EXPECT_EQ(fields->request.tool_choice.kind, ToolChoice::Kind::named);
  EXPECT_EQ(fields->request.tool_choice.name, "f");
}

TEST(ChatRequest, CallsAndTheirResultsAreMessages) {
  const auto fields = read(R"({"messages": [{"role": "assistant", "content": null, "tool_calls": [
      {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
      {"role": "tool", "tool_call_id": "c1", "content": "42"}]})");
  EXPECT_EQ(prompt(*fields).messages[0].tool_calls[0].name, "f");
  EXPECT_EQ(prompt(*fields).messages[1].tool_call_id, "c1");
}

TEST(ChatRequest, AnswersMayHaveToFitASchema) {
  const auto fields = read(with(R"("response_format": {"type": "json_schema", "json_schema":
      {"name": "s", "strict": true, "schema": {"type": "object", "properties": {"b": {}, "a": {}}}}})"));
  EXPECT_EQ(fields->request.constraint.kind, Constraint::Kind::json_schema);
  EXPECT_EQ(fields->request.constraint.text, R"({"type":"object","properties":{"b":{},"a":{}}})");
}

TEST(ChatRequest, AnswersMayHaveToFitASchemaAsLlamaServerSpellsIt) {
  const auto fields = read(with(R"("response_format": {"type": "json_object", "schema":
      {"type": "object", "properties": {"b": {}, "a": {}}}})"));
  EXPECT_EQ(fields->request.constraint.text, R"({"type":"object","properties":{"b":{},"a":{}}})");
}

TEST(ChatRequest, NullIsAsIfTheFieldWereNotThere) {
  EXPECT_TRUE(read(with(R"("stop": null, "max_tokens": null, "tools": null, "n": null)")).ok());
  EXPECT_TRUE(read(with(R"("audio": null, "whatever": null)")).ok());
}

TEST(ChatRequest, ThinkingIsSwitchedAndMeasured) {
  using Mode = Thinking::Mode;
  const auto thinking = [](const std::string& fields) {
    return read(with(fields))->request.thinking;
  };
  EXPECT_EQ(thinking(R"("reasoning_effort": "low")"), (Thinking{Mode::on, "low"}));
  EXPECT_EQ(thinking(R"("reasoning_effort": "none")"), (Thinking{Mode::off}));
  EXPECT_EQ(thinking(R"("thinking_budget": 64)"), (Thinking{Mode::on, "", 64}));
  EXPECT_EQ(thinking(R"("thinking_budget": 0)"), (Thinking{Mode::off}));
  EXPECT_EQ(thinking(R"("reasoning_effort": "high", "thinking_budget": 9)"),
            (Thinking{Mode::on, "high", 9}));
  const std::string kwargs = R"("chat_template_kwargs": {"z": 1, "enable_thinking": false})";
  EXPECT_EQ(thinking(kwargs), (Thinking{Mode::off}));
  EXPECT_EQ(prompt(*read(with(kwargs))).template_arguments, R"({"z":1,"enable_thinking":false})");
}

TEST(ChatRequest, MinusOneIsNoSeedAndNoBound) {
  const auto fields = read(with(R"("seed": -1, "max_tokens": -1)"));
  EXPECT_FALSE(fields->request.sampling.seed);
  EXPECT_FALSE(fields->request.max_tokens);
  EXPECT_FALSE(read(with(R"("max_completion_tokens": -1)"))->request.max_tokens);
}

TEST(ChatRequest, ArgumentsThatSayNothingAreAnEmptyObject) {
  for (const char* arguments : {"", " ", "null", " null\n", "{}"}) {
    Json body = Json::parse(R"({"messages": [{"role": "assistant", "tool_calls": [
        {"id": "c1", "function": {"name": "f"}}]}, {"role": "tool", "content": "42"}]})");
    body["messages"][0]["tool_calls"][0]["function"]["arguments"] = arguments;
    const auto fields = read(body.dump());
    ASSERT_TRUE(fields.ok()) << arguments;
    EXPECT_EQ(prompt(*fields).messages[0].tool_calls[0].arguments, "{}") << arguments;
  }
}

struct Refused {
  const char* fields;
  const char* message;
};

class ChatRefusal : public testing::TestWithParam<Refused> {};

TEST_P(ChatRefusal, NamesTheField) {
  const auto fields = read(with(GetParam().fields));
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ChatRefusal,
    testing::Values(
        Refused{R"("temperatur": 1)", "temperatur is not a known field"},
        Refused{R"("temperature": "hot")", "temperature"}, Refused{R"("n": 0)", "n must be"},
        Refused{R"("n": 1000)", "n must be"}, Refused{R"("store": true)", "store is not supported"},
        Refused{R"("functions": [])", "functions is not supported"},
        Refused{R"("modalities": ["text", "audio"])", "modalities is not supported"},
        Refused{R"("stream_options": {"include_usage": true})", "stream_options needs"},
        Refused{R"("top_logprobs": 2)", "top_logprobs needs"},
        Refused{R"("max_tokens": 1, "max_completion_tokens": 2)", "differ"},
        Refused{R"("tool_choice": "any")", "tool_choice must be"},
        Refused{R"("response_format": {"type": "json_schema", "schema": {}})",
                "response_format.schema"},
        Refused{R"("tools": [{"type": "retrieval"}])", "tools[0].type is not supported"},
        Refused{R"("tools": [{"type": "function", "function": {}}])", "tools[0].function.name"},
        Refused{R"("response_format": {"type": "xml"})", "response_format.type"},
        Refused{R"("tools": [{"type": "function", "function": {"name": "f", "parameters": "{}"}}])",
                "tools[0].function.parameters must be"},
        Refused{R"("context_size": -1)", "context_size must not be negative"},
        Refused{R"("deadline": 0)", "deadline must be"},
        Refused{R"("messages": [])", "messages must be"},
        Refused{R"("messages": [{"role": "king", "content": ""}])", "messages[0].role"},
        Refused{R"("messages": [{"role": "user"}])", "messages[0].content is missing"},
        Refused{R"("messages": [{"role": "user", "content": [{"type": "image_url",
                   "image_url": {}}]}])",
                "messages[0].content[0] has the type \"image_url\""}));

TEST(ChatRequest, MessagesAreNeeded) {
  EXPECT_THAT(read(R"({"model": "m"})").error().message, StartsWith("messages is missing"));
}

}  // namespace
}  // namespace tenfold::server::openai
