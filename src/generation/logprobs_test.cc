#include "generation/logprobs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "generation/testing/fake_token_model.h"

namespace tenfold {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(LogSumExp, MatchesAHandComputedExample) {
  EXPECT_NEAR(*log_sum_exp(std::vector<float>{0, 0, 0, 0}), std::log(4.0), 1e-12);
  EXPECT_NEAR(*log_sum_exp(std::vector<float>{1, 2, -infinity}),
              std::log(std::exp(1) + std::exp(2)), 1e-12);
}

TEST(LogSumExp, IsStableForExtremeLogits) {
  EXPECT_NEAR(*log_sum_exp(std::vector<float>{3e38F, 3e38F}), 3e38, 1e32);
  EXPECT_NEAR(*log_sum_exp(std::vector<float>{-1e5F, -1e5F}), -1e5 + std::log(2.0), 1e-9);
}

TEST(LogSumExp, NamesABadLogit) {
  const auto nan = log_sum_exp(std::vector<float>{0, std::nanf(""), 1});
  ASSERT_FALSE(nan.ok());
  EXPECT_EQ(nan.error().message, "the engine computed NaN as the logit of token 1");
  EXPECT_EQ(nan.error().code, ErrorCode::internal);
  EXPECT_FALSE(log_sum_exp(std::vector<float>{infinity}).ok());
  EXPECT_FALSE(log_sum_exp(std::vector<float>{-infinity, -infinity}).ok());
}

TEST(TokenLogprob, GivesTheTokenAndTheMostLikelyOnes) {
  const FakeTokenizer tokenizer;
  std::vector<float> row(static_cast<std::size_t>(tokenizer.vocabulary_size()), -infinity);
  row['a'] = 1;
  row['b'] = 3;
  row['c'] = 2;
  row['d'] = 2;
  const auto result = token_logprob(row, 'a', 3, tokenizer);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->token, 'a');
  EXPECT_EQ(result->bytes, "a");
  ASSERT_EQ(result->top.size(), 3U);
  EXPECT_EQ(result->top[0].token, 'b');
  EXPECT_EQ(result->top[1].token, 'c') << "the lower id wins a tie";
  EXPECT_EQ(result->top[2].token, 'd');
  double sum = std::exp(result->logprob);
  for (const TokenLogprob& other : result->top) sum += std::exp(other.logprob);
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_EQ(token_logprob(row, 'a', 20, tokenizer)->top.size(), 4U)
      << "impossible tokens are left out";
}

}  // namespace
}  // namespace tenfold
