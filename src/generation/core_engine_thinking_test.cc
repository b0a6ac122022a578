// Requests to models that think: what counts in the thought, and how long it may be.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

class CoreEngineThinkingTest : public CoreEngineFixture {
 protected:
  /// A template that opens the thought, as those of models which always think do.
  void SetUp() override {
    load(4096, fake_chat_template() + "{% if add_generation_prompt %}<think>\n{% endif %}");
  }
};

TEST_F(CoreEngineThinkingTest, AConstraintBeginsAfterTheThought) {
  auto to = ask("Think, then answer.");
  to.max_tokens = 500;
  to.constraint = {Constraint::Kind::json_schema,
                   R"({"type": "object", "properties": {"answer": {"enum": ["red", "blue"]}},
                       "required": ["answer"], "additionalProperties": false})"};
  answer_with(to, "Three colours, then {\"answer\": 5}.</think>");
  const Answer result = answer(to);
  EXPECT_EQ(result.reasoning, "Three colours, then {\"answer\": 5}.");
  const auto json = nlohmann::json::parse(result.text, nullptr, false);
  EXPECT_TRUE(json.value("answer", "") == "red" || json.value("answer", "") == "blue")
      << result.text;
  EXPECT_EQ(result.finish, FinishReason::stop);
}

TEST_F(CoreEngineThinkingTest, StopStringsCountInTheAnswerOnly) {
  auto to = ask("Think about three colours, then answer.");
  to.stop = {","};
  answer_with(to, "Red, green, blue.</think>\n\nBlue, I say.");
  const Answer result = answer(to);
  EXPECT_EQ(result.reasoning, "Red, green, blue.");
  EXPECT_EQ(result.text, "Blue");
  EXPECT_EQ(result.finish, FinishReason::stop_string);
}

TEST_F(CoreEngineThinkingTest, ABudgetEndsTheThoughtNotTheAnswer) {
  auto to = ask("Hi");
  to.max_tokens = 200;
  to.thinking = {.mode = Thinking::Mode::on, .effort = {}, .budget = 5};
  const std::vector<TokenId> mark = encode("\n</think>");
  std::vector<TokenId> script(5 + mark.size(), 'm');
  for (const TokenId token : encode("\n\nParis")) script.push_back(token);
  answer_with(to, script);
  const Answer result = answer(to);
  EXPECT_EQ(result.reasoning, "mmmmm\n");
  EXPECT_EQ(result.text, "Paris");
  EXPECT_EQ(result.finish, FinishReason::stop);
  EXPECT_EQ(result.usage.thought_tokens, static_cast<int>(5 + mark.size()));
  EXPECT_GT(result.usage.generated_tokens, result.usage.thought_tokens);

  for (const std::size_t cut : {std::size_t{3}, std::size_t{7}}) {
    Request rest = to;
    rest.answered.assign(result.tokens.begin(),
                         result.tokens.begin() + static_cast<std::ptrdiff_t>(cut));
    const auto again = engine_->stream(rest, {}, {});
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->text, "Paris") << "goes on after " << cut << " tokens";
    EXPECT_EQ(again->reasoning, result.reasoning);
  }
}

TEST_F(CoreEngineThinkingTest, ThoughtsThatTheModelBeginsAreCounted) {
  load(4096);
  auto to = ask("Hi");
  answer_with(to, "<think>Hm</think>Yes");
  const Answer result = answer(to);
  EXPECT_EQ(result.reasoning, "Hm");
  EXPECT_EQ(result.usage.thought_tokens, static_cast<int>(encode("Hm</think>").size()) + 1)
      << "from the token that ends the first mark";
  answer_with(to, "Yes");
  EXPECT_EQ(answer(to).usage.thought_tokens, 0);
}

TEST_F(CoreEngineThinkingTest, ThinkingMayBeSwitchedOff) {
  auto to = ask("Hi");
  to.thinking.mode = Thinking::Mode::off;
  control_->next = [](std::span<const TokenId> tokens) -> std::optional<TokenId> {
    const auto end = encode("<think>\n\n</think>\n\n");
    const bool is_closed =
        tokens.size() >= end.size() && std::ranges::equal(tokens.last(end.size()), end);
    return is_closed ? 'y' : FakeTokenizer::end_of_turn;
  };
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "y");
  EXPECT_EQ(result.reasoning, "");
}

}  // namespace
}  // namespace tenfold
