// Requests with tools: what the model is shown, what it may write, and what becomes of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

const std::string call = R"(<tool_call>
{"name": "add", "arguments": {"b": 1, "a": true}}
</tool_call>)";

class CoreEngineToolsTest : public CoreEngineFixture {
 protected:
  void SetUp() override { load(4096); }

  static Request ask_with_tools() {
    Request to = request(
        ChatPrompt({{"user", "Hi"}},
                   {{"add", "", R"({"type": "object", "properties": {"b": {"type": "integer"},
                       "a": {"type": "boolean"}}, "required": ["a"]})"},
                    {"stop", "", R"({"type": "object", "additionalProperties": false})"}}));
    to.max_tokens = 500;
    return to;
  }
};

TEST_F(CoreEngineToolsTest, CallsAreTakenOutOfTheText) {
  auto to = ask_with_tools();
  answer_with(to, "Well.\n" + call + "\n" + call);
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "Well.");
  EXPECT_EQ(result.finish, FinishReason::tool_call);
  ASSERT_EQ(result.tool_calls.size(), 2U);
  EXPECT_EQ(result.tool_calls[0].name, "add");
  EXPECT_EQ(result.tool_calls[0].arguments, R"({"b":1,"a":true})");
  EXPECT_TRUE(result.tool_calls[0].id.starts_with("call_"));
  EXPECT_NE(result.tool_calls[0].id, result.tool_calls[1].id);
  EXPECT_EQ(answer(to).tool_calls, result.tool_calls) << "the same seed, the same ids";
  to.sampling.seed = 2;
  EXPECT_NE(answer(to).tool_calls[0].id, result.tool_calls[0].id);
}

TEST_F(CoreEngineToolsTest, ReasoningIsNoPlaceForCalls) {
  const auto to = ask_with_tools();
  answer_with(to, "<think>" + call + "</think>" + call);
  const Answer result = answer(to);
  EXPECT_EQ(result.reasoning, call);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(result.tool_calls.size(), 1U);
}

TEST_F(CoreEngineToolsTest, WithoutACallTheTurnEndsAsEver) {
  const auto to = ask_with_tools();
  answer_with(to, "Paris <tool_call");
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "Paris <tool_call");
  EXPECT_EQ(result.finish, FinishReason::stop);
}

TEST_F(CoreEngineToolsTest, ACallThatBeginsIsHeldToItsSchema) {
  auto to = ask_with_tools();
  to.sampling.temperature = 1;
  for (const std::string begin : {"<tool_call>", R"(<tool_call>
{"name": "add", "arguments": {"c": 3, "a": "no")"}) {
    answer_with(to, "Well. " + begin);
    const Answer result = answer(to);
    EXPECT_EQ(result.text, "Well.");
    EXPECT_EQ(result.finish, FinishReason::tool_call);
    ASSERT_FALSE(result.tool_calls.empty());
    for (const ToolCall& made : result.tool_calls) {
      if (made.name != "add") continue;
      const auto arguments = nlohmann::json::parse(made.arguments);
      EXPECT_TRUE(arguments["a"].is_boolean()) << made.arguments;
      EXPECT_FALSE(arguments.contains("c")) << made.arguments;
    }
  }
}

TEST_F(CoreEngineToolsTest, StopStringsDoNotUpsetCalls) {
  auto to = ask_with_tools();
  to.stop = {"<tool_call>x", "\n{\"x"};
  answer_with(to, call);
  const Answer result = answer(to);
  ASSERT_EQ(result.tool_calls.size(), 1U);
  EXPECT_EQ(result.tool_calls[0].arguments, R"({"b":1,"a":true})");
}

TEST_F(CoreEngineToolsTest, OneCallIsEnoughUnlessTheyMayBeParallel) {
  auto to = ask_with_tools();
  to.parallel_tool_calls = false;
  answer_with(to, call + call);
  const Answer result = answer(to);
  EXPECT_EQ(result.tool_calls.size(), 1U);
  EXPECT_EQ(result.finish, FinishReason::tool_call);
  EXPECT_LT(result.tokens.size(), call.size() + 1);
}

TEST_F(CoreEngineToolsTest, ChoiceNoneShowsTheToolsAndReadsNoCalls) {
  auto to = ask_with_tools();
  to.tool_choice.kind = ToolChoice::Kind::none;
  EXPECT_NE(engine_->prepare(to.prompt)->text.find("\"stop\""), std::string::npos);
  answer_with(to, call);
  const Answer result = answer(to);
  EXPECT_EQ(result.text, call);
  EXPECT_EQ(result.finish, FinishReason::stop);
}

TEST_F(CoreEngineToolsTest, ChoiceForcesACallOfAnyModel) {
  auto to = ask_with_tools();
  to.parallel_tool_calls = false;
  to.sampling.temperature = 1;
  for (const auto& [kind, name] :
       {std::pair(ToolChoice::Kind::required, ""), std::pair(ToolChoice::Kind::named, "add"),
        std::pair(ToolChoice::Kind::named, "add")}) {
    to.tool_choice = {kind, name};
    to.sampling.seed = *to.sampling.seed + 1;
    const Answer result = answer(to);
    EXPECT_EQ(result.text, "");
    ASSERT_EQ(result.tool_calls.size(), 1U);
    EXPECT_EQ(result.finish, FinishReason::tool_call);
    if (result.tool_calls[0].name != "add") continue;
    EXPECT_TRUE(nlohmann::json::parse(result.tool_calls[0].arguments)["a"].is_boolean());
  }
}

TEST_F(CoreEngineToolsTest, ANamedChoiceIsOneCall) {
  auto to = ask_with_tools();
  to.tool_choice = {ToolChoice::Kind::named, "add"};
  answer_with(to, call + "\n" + call + "\n" + call);
  const Answer result = answer(to);
  EXPECT_EQ(result.tool_calls.size(), 1U);
  EXPECT_EQ(result.finish, FinishReason::tool_call);
}

TEST_F(CoreEngineToolsTest, CallsThatHaveToBeMadeAreNotMadeTwice) {
  auto to = ask_with_tools();
  to.tool_choice.kind = ToolChoice::Kind::required;
  const std::string stop = "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>";
  answer_with(to, call + "\n" + stop + "\n" + call + "\n" + stop);
  const Answer result = answer(to);
  ASSERT_EQ(result.tool_calls.size(), 2U);
  EXPECT_EQ(result.tool_calls[1].name, "stop");
  EXPECT_EQ(result.finish, FinishReason::tool_call);
}

TEST_F(CoreEngineToolsTest, AForcedCallThatIsCutOffIsNoText) {
  auto to = ask_with_tools();
  to.tool_choice.kind = ToolChoice::Kind::required;
  to.max_tokens = 8;
  answer_with(to, call);
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(result.finish, FinishReason::length);
}

TEST_F(CoreEngineToolsTest, AToolThatCannotBeForcedIsNamed) {
  auto to = ask_with_tools();
  std::get<ChatPrompt>(to.prompt).tools.push_back(
      {"odd", "", R"({"type": "object", "propertyNames": {"pattern": "x"}})"});
  to.tool_choice.kind = ToolChoice::Kind::required;
  const auto result = engine_->stream(to, {}, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(result.error().message.find("\"odd\""), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("propertyNames"), std::string::npos);
}

TEST_F(CoreEngineToolsTest, OtherSpecialTokensStayHidden) {
  load(4096, R"({% for t in tools %}{{ t.function.name }}{% endfor %}<|user|>x)"
             R"({# <tool_call>"arguments #})");
  auto to = ask_with_tools();
  std::vector<TokenId> script = encode(call);
  script.insert(script.begin(), FakeTokenizer::user);
  answer_with(to, script);
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(result.tool_calls.size(), 1U);
}

TEST_F(CoreEngineToolsTest, AnAnswerThatGoesOnElsewhereKeepsItsCalls) {
  auto to = ask_with_tools();
  answer_with(to, "Hm. " + call + "\n" + call);
  const Answer whole = answer(to);
  ASSERT_EQ(whole.tool_calls.size(), 2U);
  for (const std::size_t cut : {std::size_t{3}, std::size_t{20}, whole.tokens.size() - 3}) {
    Request rest = to;
    rest.answered.assign(whole.tokens.begin(),
                         whole.tokens.begin() + static_cast<std::ptrdiff_t>(cut));
    load(4096);
    const auto result = engine_->generate(rest);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->tool_calls, whole.tool_calls);
    EXPECT_EQ(result->text, whole.text);
  }
}

}  // namespace
}  // namespace tenfold
