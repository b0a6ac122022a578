// Whose word the sampling is, and answers that repeat themselves.
#include <set>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

class CoreEngineSamplingTest : public CoreEngineFixture {
 protected:
  /// Loads a model whose publisher recommends this.
  void load_recommending(const Sampling& sampling) {
    const auto info = engine_->initialize({.path = "fake.model", .sampling = sampling}, {}, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_EQ(info->sampling, sampling);
  }
  /// The texts of a few seeds.
  std::set<std::string> texts(Request to) {
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      to.sampling.seed = seed;
      all.insert(answer(to).text);
    }
    return all;
  }
  /// A question that the model would answer with the same words for ever.
  Request ask_for_a_loop() {
    load(4000);
    Request to = ask("Hi");
    to.max_tokens = 1500;
    std::vector<TokenId> script = encode("Well. ");
    while (script.size() < 3000) {
      for (const TokenId token : encode("I am here to help. ")) script.push_back(token);
    }
    answer_with(to, std::move(script));
    return to;
  }
};

TEST_F(CoreEngineSamplingTest, TheModelsRecommendationHoldsUnlessTheRequestSaysOtherwise) {
  EXPECT_GT(texts(ask("Hi")).size(), 1U) << "our default is not greedy";
  Sampling greedy;
  greedy.temperature = 0;
  load_recommending(greedy);
  EXPECT_EQ(texts(ask("Hi")).size(), 1U);
  Request warm = ask("Hi");
  warm.sampling.temperature = 1;
  EXPECT_GT(texts(warm).size(), 1U);
}

TEST_F(CoreEngineSamplingTest, AnAnswerThatRepeatsItselfEndsWithThatReason) {
  const Answer result = answer(ask_for_a_loop());
  EXPECT_EQ(result.finish, FinishReason::repetition);
  EXPECT_GE(result.tokens.size(), 512U);
  EXPECT_LT(result.tokens.size(), 700U);
}

TEST_F(CoreEngineSamplingTest, ItGoesOnWhereThatIsAllowedOrAskedFor) {
  Request to = ask_for_a_loop();
  to.allow_repetition = true;
  EXPECT_EQ(answer(to).finish, FinishReason::length);
  to = ask_for_a_loop();
  to.ignore_end = true;
  EXPECT_EQ(answer(to).finish, FinishReason::length);
  to = ask_for_a_loop();
  to.constraint = {Constraint::Kind::regex, "(?s).*"};
  EXPECT_EQ(answer(to).finish, FinishReason::length);
}

TEST_F(CoreEngineSamplingTest, AnAnswerThatGoesOnElsewhereEndsAtTheSameToken) {
  Request to = ask_for_a_loop();
  const Answer whole = answer(to);
  to.answered.assign(whole.tokens.begin(), whole.tokens.begin() + 300);
  const auto rest = engine_->generate(to);
  ASSERT_TRUE(rest.ok()) << rest.error().message;
  EXPECT_EQ(rest->finish, FinishReason::repetition);
  EXPECT_EQ(rest->tokens, whole.tokens);
}

}  // namespace
}  // namespace tenfold
