// generate() and stream() of token engines.
#include <limits>

#include "contract.h"

namespace tenfold::contract {
namespace {

using ::testing::HasSubstr;
using TokenContract = TokenContractTest;

const std::string question = "What is the capital of France?";

TEST_F(TokenContract, CountsWhatItDid) {
  const auto prompt = engine_->prepare(ask(question).prompt);
  ASSERT_TRUE(prompt.ok());
  const Answer got = answer(ask(question));
  EXPECT_EQ(got.usage.prompt_tokens, static_cast<int>(prompt->tokens.size()));
  EXPECT_EQ(got.usage.generated_tokens, static_cast<int>(got.tokens.size()));
  EXPECT_EQ(got.usage.dropped_tokens, 0);
  EXPECT_GT(got.usage.ttft_seconds, 0);
  EXPECT_GE(got.usage.ttft_seconds, got.usage.prefill_seconds);
  EXPECT_GT(got.usage.peak_memory_bytes, info_.weight_bytes / 2);
}

TEST_F(TokenContract, BiasBansTokens) {
  const Answer whole = answer(ask(question, 4));
  Request request = ask(question, 4);
  for (const TokenId token : whole.tokens) {
    request.sampling.logit_bias[token] = -std::numeric_limits<double>::infinity();
  }
  for (const TokenId token : answer(request).tokens) {
    EXPECT_THAT(whole.tokens, testing::Not(testing::Contains(token)));
  }
}

TEST_F(TokenContract, FillsTheContextAndSaysSo) {
  Request request = ask(question, 1000);
  // Ban the ends of a turn, one after the other, until none is left.
  for (int i = 0; i < 8; ++i) {
    const Answer got = answer(request);
    if (got.finish != FinishReason::stop) {
      EXPECT_EQ(to_string(got.finish), "context_full");
      const int held = got.usage.prompt_tokens + got.usage.generated_tokens;
      EXPECT_LE(held, info_.context_size + 1);
      EXPECT_GE(held, info_.context_size - 1);
      return;
    }
    request.sampling.logit_bias[got.tokens.back()] = -std::numeric_limits<double>::infinity();
  }
  FAIL() << "the answer always ends by itself";
}

TEST_F(TokenContract, ReusesThePrefixWithTheSameResult) {
  if (!engine_->capabilities().prefix_reuse) GTEST_SKIP() << "the engine does not reuse prefixes";
  const Answer first = answer(ask(question));
  Request second = ask(question);
  second.prompt = std::vector<Message>{
      {"user", question}, {"assistant", first.text}, {"user", "And of Italy?"}};
  const Answer reused = answer(second);
  EXPECT_GT(reused.usage.cached_tokens, 0);
  EXPECT_LT(reused.usage.cached_tokens, reused.usage.prompt_tokens);
  load();
  const Answer fresh = answer(second);
  EXPECT_EQ(fresh.usage.cached_tokens, 0);
  EXPECT_EQ(fresh.tokens, reused.tokens);
  EXPECT_EQ(fresh.text, reused.text);
}

TEST_F(TokenContract, SaysHowLongATooLongPromptIs) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "word ";
  const auto prompt = engine_->prepare(ask(text).prompt);
  ASSERT_TRUE(prompt.ok());
  expect_error(engine_->generate(ask(text)).error(), ErrorCode::context_exceeded,
               std::to_string(prompt->tokens.size()));
}

TEST_F(TokenContract, NamesIdsOutsideTheVocabulary) {
  Request request = ask(question);
  request.sampling.logit_bias[1000000] = 1;
  expect_error(engine_->generate(request).error(), ErrorCode::invalid_argument, "1000000");
  request = ask(question);
  request.prompt = std::vector<TokenId>{1000000};
  expect_error(engine_->generate(request).error(), ErrorCode::invalid_argument, "1000000");
}

TEST_F(TokenContract, TakesThreeKindsOfPrompt) {
  const auto rendered = engine_->prepare(ask(question).prompt);
  ASSERT_TRUE(rendered.ok());
  EXPECT_THAT(rendered->text, HasSubstr(question));
  Request by_ids = ask(question);
  by_ids.prompt = rendered->tokens;
  const Answer by_messages = answer(ask(question));
  EXPECT_EQ(answer(by_ids).tokens, by_messages.tokens);
  Request by_text = ask(question);
  by_text.prompt = std::string("Once upon a time");
  EXPECT_EQ(answer(by_text).usage.prompt_tokens,
            static_cast<int>(engine_->prepare(by_text.prompt)->tokens.size()));
}

}  // namespace
}  // namespace tenfold::contract
