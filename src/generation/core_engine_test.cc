#include "generation/core_engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/files.h"
#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

class CoreEngineTest : public CoreEngineFixture {};

TEST_F(CoreEngineTest, AnswersAndReportsUsage) {
  const auto to = ask("What is the capital?");
  answer_with(to, "Paris");
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "Paris");
  EXPECT_EQ(result.finish, FinishReason::stop);
  EXPECT_EQ(result.tokens.back(), FakeTokenizer::end_of_turn);
  EXPECT_EQ(result.usage.generated_tokens, 2);
  EXPECT_EQ(result.usage.prompt_tokens,
            static_cast<int>(engine_->prepare(to.prompt)->tokens.size()));
  EXPECT_EQ(result.usage.cached_tokens, 0);
  EXPECT_EQ(result.usage.dropped_tokens, 0);
  EXPECT_GT(result.usage.ttft_seconds, 0);
  EXPECT_GE(result.usage.ttft_seconds, result.usage.prefill_seconds);
  EXPECT_GT(result.usage.decode_seconds, 0);
  EXPECT_GT(result.usage.peak_memory_bytes, 1U << 20);
  EXPECT_EQ(result.seed, 1U);
}

TEST_F(CoreEngineTest, TheSeedFixesTheAnswer) {
  auto to = ask("Hi");
  to.sampling.temperature = 1;
  const Answer first = answer(to);
  EXPECT_EQ(answer(to).tokens, first.tokens);
  to.sampling.seed = 2;
  EXPECT_NE(answer(to).tokens, first.tokens);
  to.sampling.seed.reset();
  const Answer random = answer(to);
  EXPECT_NE(random.tokens, answer(to).tokens);
  to.sampling.seed = random.seed;
  EXPECT_EQ(answer(to).tokens, random.tokens);
}

TEST_F(CoreEngineTest, TextIsWholeCharactersWhateverTheTokenBorders) {
  const std::string text = "The \xF0\x9F\x98\x80 \xE6\x97\xA5\xE6\x9C\xAC Paris";
  std::mt19937 random(6);
  for (int round = 0; round < 50; ++round) {
    std::vector<TokenId> script;  // pieces here, single bytes there
    for (std::size_t i = 0; i < text.size();) {
      const auto whole = encode(text.substr(i)).front();
      const TokenId token =
          random() % 2 == 0 ? whole : static_cast<TokenId>(static_cast<unsigned char>(text[i]));
      script.push_back(token);
      i += FakeTokenizer().token_bytes(token).size();
    }
    const auto to = ask("Hi");
    answer_with(to, script);
    EXPECT_EQ(answer(to).text, text);
  }
}

TEST_F(CoreEngineTest, RandomTokensStillGiveValidUtf8) {
  auto to = ask("Hi");
  to.sampling.temperature = 1;
  to.sampling.top_k = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    to.sampling.seed = seed;
    const auto result = engine_->stream(to, [](const Delta& delta) {
      EXPECT_TRUE(is_valid_utf8(delta.text));
      EXPECT_TRUE(is_valid_utf8(delta.reasoning));
    });
    ASSERT_TRUE(result.ok());
  }
}

TEST_F(CoreEngineTest, StopsAtAStopStringAcrossTokens) {
  auto to = ask("Hi");
  to.stop = {"STOP "};
  answer_with(to, encode("Paris ST"));
  EXPECT_EQ(answer(to).text, "Paris ST") << "only looked like it";

  auto script = encode("Paris ST");
  script.push_back(encode("OP ").front());
  script.push_back('x');
  answer_with(to, script);
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "Paris ");
  EXPECT_EQ(result.finish, FinishReason::stop_string);
  EXPECT_EQ(result.stop_string, "STOP ");
  EXPECT_EQ(result.tokens.back(), encode("OP ").front()) << "nothing is generated after it";
}

TEST_F(CoreEngineTest, AStopStringHeldBackIsFoundAtTheEnd) {
  auto to = ask("Hi");
  to.stop = {"abc", "ab"};
  answer_with(to, "xab");
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "x");
  EXPECT_EQ(result.finish, FinishReason::stop_string);
  EXPECT_EQ(result.stop_string, "ab");
}

TEST_F(CoreEngineTest, SpecialTokensAreNotPartOfTheText) {
  const auto to = ask("Hi");
  answer_with(to, std::vector<TokenId>{'a', FakeTokenizer::user, 'b'});
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "ab");
  EXPECT_EQ(result.usage.generated_tokens, 4);
}

TEST_F(CoreEngineTest, EndsAtMaxTokens) {
  auto to = ask("Hi");
  to.max_tokens = 3;
  answer_with(to, "abcdef");
  const int calls = control_->evaluate_calls;
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "abc");
  EXPECT_EQ(result.finish, FinishReason::length);
  EXPECT_EQ(control_->evaluate_calls - calls, 3) << "the last token is not evaluated";
}

TEST_F(CoreEngineTest, EndsWhenTheContextIsFull) {
  load(20);
  auto to = request(std::vector<TokenId>(15, 'a'));
  to.max_tokens.reset();
  control_->next = scripted(15, encode("bcdefghijklmnop"));
  const Answer result = answer(to);
  EXPECT_EQ(result.finish, FinishReason::context_full);
  EXPECT_EQ(result.text, "bcdefg");
  EXPECT_EQ(control_->sequence.size(), 20U);
}

TEST_F(CoreEngineTest, APromptThatFillsTheContextIsRefusedWithTheNumbers) {
  load(20);
  const Error error = error_of(request(std::vector<TokenId>(20, 'a')));
  EXPECT_EQ(error.code, ErrorCode::context_exceeded);
  EXPECT_EQ(error.message,
            "the prompt has 20 tokens; the context of 20 leaves no room for an answer");
  EXPECT_FALSE(error.hint.empty());
  EXPECT_EQ(control_->evaluate_calls, 0);
  EXPECT_EQ(answer(request(std::vector<TokenId>(19, 'a'))).usage.prompt_tokens, 19);
}

TEST_F(CoreEngineTest, ALongPromptIsEvaluatedInChunks) {
  load(4096);
  auto to = request(std::vector<TokenId>(1500, 'a'));
  to.max_tokens = 1;
  answer(to);
  EXPECT_EQ(control_->evaluate_calls, 3);
  EXPECT_EQ(control_->largest_chunk, 512);
}

TEST_F(CoreEngineTest, SplitsReasoning) {
  auto to = ask("Hi");
  answer_with(to, "<think>\nhm</think>\n\nParis");
  Answer result = answer(to);
  EXPECT_EQ(result.text, "Paris");
  EXPECT_EQ(result.reasoning, "hm");
  to.split_reasoning = false;
  result = answer(to);
  EXPECT_EQ(result.text, "<think>\nhm</think>\n\nParis");
  EXPECT_EQ(result.reasoning, "");
}

TEST_F(CoreEngineTest, ReasoningMayBeginInThePrompt) {
  load(512, fake_chat_template() + "<think>\n");
  const auto to = ask("Hi");
  answer_with(to, "hm</think>Paris");
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "Paris");
  EXPECT_EQ(result.reasoning, "hm");
}

TEST_F(CoreEngineTest, GivesLogprobsOfTheModelsOwnDistribution) {
  auto to = ask("Hi");
  to.logprobs = 3;
  to.max_tokens = 5;
  to.sampling.top_k = 1;
  to.sampling.temperature = 0.1;
  const Answer result = answer(to);
  ASSERT_EQ(result.logprobs.size(), result.tokens.size());
  for (std::size_t i = 0; i < result.tokens.size(); ++i) {
    const TokenLogprob& entry = result.logprobs[i];
    EXPECT_EQ(entry.token, result.tokens[i]);
    EXPECT_EQ(entry.bytes, FakeTokenizer().token_bytes(entry.token));
    EXPECT_LT(entry.logprob, -1) << "not the distribution after top_k";
    ASSERT_EQ(entry.top.size(), 3U);
    EXPECT_EQ(entry.top[0].token, entry.token);
    EXPECT_GE(entry.top[0].logprob, entry.top[1].logprob);
  }
  EXPECT_EQ(answer(ask("Hi")).logprobs.size(), 0U);
}

TEST_F(CoreEngineTest, LogitBiasActsOnTheAnswer) {
  auto to = ask("Hi");
  answer_with(to, "ab");
  to.sampling.logit_bias = {{'b', -std::numeric_limits<double>::infinity()}, {'c', 30}};
  to.sampling.temperature = 0;
  to.max_tokens = 2;
  EXPECT_EQ(answer(to).text.substr(0, 1), "c");
}

TEST_F(CoreEngineTest, NamesALogitThatIsNotANumber) {
  control_->edit_row = [](std::span<float> row) { row[3] = std::nanf(""); };
  const Error error = error_of(ask("Hi"));
  EXPECT_EQ(error.code, ErrorCode::internal);
  EXPECT_EQ(error.message, "the engine computed NaN as the logit of token 3");
}

TEST_F(CoreEngineTest, ChecksTheRequest) {
  auto to = ask("Hi");
  to.sampling.temperature = -1;
  EXPECT_EQ(error_of(to).code, ErrorCode::invalid_argument);
  to = ask("Hi");
  to.max_tokens = 0;
  EXPECT_EQ(error_of(to).code, ErrorCode::invalid_argument);
}

TEST_F(CoreEngineTest, AnErrorInTheMiddleLeavesTheEngineUsable) {
  const auto to = ask("Hi");
  answer_with(to, "abcdef");
  const std::string whole = answer(to).text;
  control_->before_evaluate = [](int call) -> Result<void> {
    if (call % 4 == 0) return fail(ErrorCode::io, "the device is gone");
    return {};
  };
  EXPECT_EQ(error_of(to).message, "the device is gone");
  control_->before_evaluate = nullptr;
  EXPECT_EQ(answer(to).text, whole);
}

TEST_F(CoreEngineTest, ExceptionsBecomeErrors) {
  control_->before_evaluate = [](int) -> Result<void> { throw std::bad_alloc(); };
  EXPECT_EQ(error_of(ask("Hi")).code, ErrorCode::out_of_memory);
  control_->before_evaluate = [](int) -> Result<void> { throw std::runtime_error("odd"); };
  EXPECT_EQ(error_of(ask("Hi")).message, "the engine failed: odd");
  control_->before_evaluate = [](int) -> Result<void> { throw 1; };
  EXPECT_EQ(error_of(ask("Hi")).code, ErrorCode::internal);
  control_->before_evaluate = nullptr;
  const auto to = ask("Hi");
  answer_with(to, "Paris");
  EXPECT_EQ(answer(to).text, "Paris");
}

}  // namespace
}  // namespace tenfold
