#include "server/apis/openai/response_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::openai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<ResponseFields> read(const std::string& body) {
  return read_response(Json::parse(body), body, Limits{});
}

std::string with(const std::string& fields) { return R"({"input": "Hi", )" + fields + "}"; }

const ChatPrompt& prompt(const Result<ResponseFields>& fields) {
  return std::get<ChatPrompt>(fields->request.prompt);
}

TEST(ResponseRequest, ReadsWhatItKnows) {
  const auto fields = read(with(
      R"("model": "m", "instructions": "Be brief.", "max_output_tokens": 9, "temperature": 0,
         "stream": true, "store": false, "metadata": {"k": "v"}, "top_logprobs": 2,
         "truncation": "disabled", "reasoning": {"effort": null}, "include": [], "user": "u")"));
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_EQ(fields->use.model, "m");
  EXPECT_EQ(fields->request.max_tokens, 9);
  EXPECT_EQ(fields->request.logprobs, 2);
  EXPECT_TRUE(fields->stream);
  EXPECT_EQ(fields->request.thinking, Thinking());
  EXPECT_EQ(read(with(R"("reasoning": {"effort": "low", "summary": "auto"})"))->request.thinking,
            (Thinking{Thinking::Mode::on, "low"}));
  EXPECT_THAT(prompt(fields).messages,
              ElementsAre(Message{"system", "Be brief."}, Message{"user", "Hi"}));
  EXPECT_EQ(fields->echo["metadata"], Json({{"k", "v"}}));
  EXPECT_EQ(fields->echo["tool_choice"], "auto");
}

TEST(ResponseRequest, ItemsOfOneTurnAreOneMessage) {
  const auto fields = read(R"({"input": [
      {"role": "developer", "content": "Be brief."},
      {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
      {"type": "reasoning", "id": "rs_1", "summary": [], "status": "completed",
       "content": [{"type": "reasoning_text", "text": "Hm."}]},
      {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
       "content": [{"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []}]},
      {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}",
       "status": "completed"},
      {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
      {"type": "function_call_output", "call_id": "c1", "output": "42"}]})");
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  const Message turn{"assistant", "I look.", "Hm.", {{"c1", "f", "{}"}, {"c2", "g", "{}"}}};
  const Message result{"tool", "42", "", {}, "c1", "f"};
  EXPECT_THAT(prompt(fields).messages, ElementsAre(Message{"system", "Be brief."},
                                                   Message{"user", "Weather?"}, turn, result));
}

TEST(ResponseRequest, ToolsAndFormatsAreFlat) {
  const auto fields = read(with(R"("tools": [{"type": "function", "name": "f", "strict": true,
      "parameters": {"type": "object", "properties": {"z": {}, "a": {}}}}],
      "tool_choice": {"type": "function", "name": "f"},
      "text": {"format": {"type": "json_schema", "name": "s", "strict": true,
                          "schema": {"type": "object", "properties": {"b": {}, "a": {}}}}})"));
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_EQ(prompt(fields).tools[0].parameters,
            R"({"type":"object","properties":{"z":{},"a":{}}})");
  EXPECT_EQ(fields->request.tool_choice.name, "f");
  EXPECT_EQ(fields->request.constraint.text, R"({"type":"object","properties":{"b":{},"a":{}}})");
}

struct Refused {
  std::string body;
  const char* message;
};

class ResponseRefusal : public testing::TestWithParam<Refused> {};

TEST_P(ResponseRefusal, NamesTheField) {
  const auto fields = read(GetParam().body);
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ResponseRefusal,
    testing::Values(
        Refused{"{}", "input is missing"}, Refused{R"({"input": []})", "input must be"},
        Refused{with(R"("store": true)"), "store: true is not supported"},
        Refused{with(R"("previous_response_id": "resp_1")"), "previous_response_id is not"},
        Refused{with(R"("conversation": "conv_1")"), "conversation is not supported"},
        Refused{with(R"("background": true)"), "background is not supported"},
        Refused{with(R"("reasoning": {"effort": "lower"})"), "reasoning.effort cannot be"},
        Refused{with(R"("include": "reasoning.encrypted_content")"), "include must be an array"},
        Refused{with(R"("truncation": "auto")"), "truncation is not supported"},
        Refused{with(R"("max_tokens": 1)"), "max_tokens is not a known field"},
        Refused{with(R"("n": 2)"), "n is not a known field"},
        Refused{with(R"("metadata": {"k": 1})"), "metadata.k"},
        Refused{with(R"("text": {"format": {"type": "xml"}})"), "text.format.type must be"},
        Refused{with(R"("tools": [{"type": "retrieval"}])"), "tools[0].type is not supported"},
        Refused{with(R"("tool_choice": {"type": "function"})"), "tool_choice.name is missing"},
        Refused{R"({"input": [{"role": "king", "content": ""}]})", "input[0].role must be"},
        Refused{R"({"input": [{"type": "item_reference", "id": "msg_1"}]})",
                "input[0] has the type \"item_reference\""},
        Refused{R"({"input": [{"role": "user", "content": [{"type": "input_image"}]}]})",
                "input[0].content[0] has the type \"input_image\""},
        Refused{R"({"input": [{"type": "function_call_output", "call_id": "c", "output": ""}]})",
                "input[0].call_id is \"c\", which no function_call"}));

}  // namespace
}  // namespace tenfold::server::openai
