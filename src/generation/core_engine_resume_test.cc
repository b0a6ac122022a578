// Answers that go on after tokens generated elsewhere (Request::answered).
#include <gtest/gtest.h>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

class CoreEngineResumeTest : public CoreEngineFixture {
 protected:
  /// The same request after the first `count` tokens of `whole` were sent.
  static Request after(Request to, const Answer& whole, std::size_t count) {
    to.answered.assign(whole.tokens.begin(),
                       whole.tokens.begin() + static_cast<std::ptrdiff_t>(count));
    return to;
  }

  /// What the deltas of `to` say.
  std::string streamed(const Request& to) {
    std::string text;
    const auto result = engine_->stream(to, [&](const Delta& delta) { text += delta.text; });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return text;
  }
};

TEST_F(CoreEngineResumeTest, GoesOnWhereverItWasCut) {
  auto to = ask("Hi");
  to.sampling.temperature = 1;
  to.sampling.presence_penalty = 0.5;
  std::vector<std::string> sent{""};
  std::string text;
  const Answer whole = *engine_->stream(to, [&](const Delta& delta) {
    text += delta.text;
    if (!delta.tokens.empty()) sent.push_back(text);
  });
  ASSERT_GT(whole.tokens.size(), 3U);
  for (std::size_t cut = 0; cut <= whole.tokens.size(); ++cut) {
    load();
    const Request rest = after(to, whole, cut);
    const auto result = engine_->generate(rest);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->tokens, whole.tokens) << cut;
    EXPECT_EQ(result->text, whole.text);
    EXPECT_EQ(result->finish, whole.finish);
    EXPECT_EQ(sent[cut] + streamed(rest), whole.text) << "nothing twice, nothing lost";
    EXPECT_EQ(result->usage.generated_tokens, whole.usage.generated_tokens);
    EXPECT_EQ(result->usage.answered_tokens, static_cast<int>(cut));
    EXPECT_EQ(result->usage.prompt_tokens, whole.usage.prompt_tokens);
  }
}

TEST_F(CoreEngineResumeTest, StopStringsAndConstraintsReachAcrossTheCut) {
  auto to = ask("Hi");
  to.stop = {"STOP "};
  std::vector<TokenId> script = encode("Paris ST");
  script.push_back(encode("OP ").front());
  answer_with(to, script);
  const Answer whole = answer(to);
  ASSERT_EQ(whole.finish, FinishReason::stop_string);
  const auto rest = engine_->generate(after(to, whole, whole.tokens.size() - 1));
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->text, "Paris ");
  EXPECT_EQ(rest->stop_string, "STOP ");

  auto shaped = ask("Hi");
  shaped.constraint = {Constraint::Kind::regex, "ab*c"};
  shaped.answered = encode("ab");
  shaped.max_tokens = 4;
  control_->next = nullptr;
  shaped.sampling.temperature = 0;
  const auto matched = engine_->generate(shaped);
  ASSERT_TRUE(matched.ok()) << matched.error().message;
  EXPECT_TRUE(matched->text.starts_with("abb") || matched->text.starts_with("abc"));
}

TEST_F(CoreEngineResumeTest, CountsForMaxTokensAndLogprobsOnlyTheNew) {
  auto to = ask("Hi");
  to.max_tokens = 5;
  to.logprobs = 0;
  answer_with(to, "abcdefgh");
  to.answered = encode("abc");
  const auto result = engine_->generate(to);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->text, "abcde");
  EXPECT_EQ(result->finish, FinishReason::length);
  EXPECT_EQ(result->logprobs.size(), 2U);
}

TEST_F(CoreEngineResumeTest, RefusesTokensThatCannotBeOfThisAnswer) {
  auto to = ask("Hi");
  to.answered = {'a', FakeTokenizer::end_of_turn, 'b'};
  EXPECT_EQ(error_of(to).message, "answered[1] ends the answer, but more tokens follow");
  to.answered = {100'000};
  EXPECT_EQ(error_of(to).code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tenfold
