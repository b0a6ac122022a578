// Answers of the stand-in's text loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "testing/engine_fixture.h"

namespace tenfold::picollm {
namespace {

using ::testing::HasSubstr;
using Answers = EngineTest;

TEST_F(Answers, ComeOnTheThreadThatAsked) {
  const auto here = std::this_thread::get_id();
  int deltas = 0;
  const auto answer = engine_->stream(ask("Hi"), [&](const Delta& delta) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_FALSE(delta.text.empty());
    ++deltas;
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(deltas, stand_in::usual_length);
  EXPECT_EQ(to_string(answer->finish), "stop");
  EXPECT_EQ(answer->usage.generated_tokens, stand_in::usual_length);
  EXPECT_GT(answer->usage.ttft_seconds, 0);
  EXPECT_GT(answer->usage.decode_seconds, 0);
  EXPECT_TRUE(answer->tokens.empty());
}

TEST_F(Answers, TellHowMuchOfThePromptIsRead) {
  std::vector<PromptProgress> seen;
  const Control control({}, [&](const PromptProgress& progress) { seen.push_back(progress); });
  const auto answer = engine_->stream(ask("one two three"), {}, control);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  const int total = answer->usage.prompt_tokens;
  EXPECT_EQ(total, static_cast<int>(engine_->prepare(ask("one two three").prompt)->tokens.size()));
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{0, total, 0}, {total, total, 0}}));
}

/// An interruption that comes before the library's loop has begun is lost there.
TEST_F(Answers, ACancelBeforeItBeginsIsNotLost) {
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    engine_->cancel();
  });
  const auto answer = engine_->generate(ask("!starts-late !never-ends"));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(to_string(answer->finish), "cancelled");
  EXPECT_LT(answer->usage.generated_tokens, 100);
}

TEST_F(Answers, ADeadlineEndsOneThatNeverEnds) {
  Request request = ask("!never-ends");
  request.deadline = std::chrono::milliseconds(30);
  const auto answer = engine_->generate(request);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(to_string(answer->finish), "deadline");
  EXPECT_GT(answer->usage.generated_tokens, 0);
}

TEST_F(Answers, ACancelIsObeyedBeforeTheNextToken) {
  int deltas = 0;
  const auto answer = engine_->stream(ask("!never-ends"), [&](const Delta&) {
    if (++deltas == 3) engine_->cancel();
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(to_string(answer->finish), "cancelled");
  EXPECT_EQ(answer->usage.generated_tokens, 3);
}

TEST_F(Answers, WhatACallbackThrowsEndsTheAnswerAlone) {
  const auto answer = engine_->stream(
      ask("!never-ends"), [](const Delta&) { throw std::runtime_error("the reader is gone"); });
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr("the reader is gone"));
  EXPECT_TRUE(engine_->generate(ask("Hi")).ok());
}

TEST_F(Answers, AStopStringIsFoundAcrossPieces) {
  const std::string whole = engine_->generate(ask("Hi"))->text;
  const std::size_t space = whole.find(' ', whole.find(' ') + 1);
  Request request = ask("Hi");
  request.stop = {whole.substr(space - 1, 3)};
  const auto answer = engine_->generate(request);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(to_string(answer->finish), "stop_string");
  EXPECT_EQ(answer->stop_string, request.stop[0]);
  EXPECT_EQ(answer->text, whole.substr(0, whole.find(request.stop[0])));
}

TEST_F(Answers, HaveTheTextThatCameAtTheEndOnly) {
  std::string streamed;
  const auto answer =
      engine_->stream(ask("!is-silent"), [&](const Delta& d) { streamed += d.text; });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_FALSE(answer->text.empty());
  EXPECT_EQ(streamed, answer->text);
}

TEST_F(Answers, PiecesCutInsideACharacterBecomeWholeOnes) {
  std::vector<std::string> pieces;
  const auto answer =
      engine_->stream(ask("!cuts"), [&](const Delta& delta) { pieces.push_back(delta.text); });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->text, "déjà vu");
  EXPECT_THAT(pieces, testing::Contains("é"));
}

TEST_F(Answers, ReasoningIsSplitUnlessItIsNotWanted) {
  Request request = ask("!thinks");
  EXPECT_EQ(engine_->generate(request)->reasoning, "hm");
  request.split_reasoning = false;
  EXPECT_THAT(engine_->generate(request)->text, HasSubstr("<think>hm</think>"));
}

TEST_F(Answers, LogprobsComeWithTheLastDelta) {
  Request request = ask("Hi");
  request.logprobs = 2;
  std::vector<std::size_t> counts;
  auto answer = engine_->stream(
      request, [&](const Delta& delta) { counts.push_back(delta.logprobs.size()); });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  ASSERT_EQ(answer->logprobs.size(), static_cast<std::size_t>(stand_in::usual_length));
  EXPECT_EQ(counts.back(), answer->logprobs.size());
  const TokenLogprob& first = answer->logprobs[0];
  EXPECT_EQ(first.token, no_token);
  EXPECT_EQ(answer->text.substr(0, first.bytes.size()), first.bytes);
  EXPECT_NEAR(first.logprob, -0.5, 1e-6);
  ASSERT_EQ(first.top.size(), 2U);
  EXPECT_GT(first.top[0].logprob, first.top[1].logprob);
  request.logprobs = 0;
  answer = engine_->generate(request);
  EXPECT_EQ(answer->logprobs.size(), static_cast<std::size_t>(stand_in::usual_length));
  EXPECT_TRUE(answer->logprobs[0].top.empty());
}

TEST_F(Answers, EndWhereTheContextIsFull) {
  Request request = ask("!never-ends");
  request.max_tokens.reset();
  const auto answer = engine_->generate(request);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(to_string(answer->finish), "context_full");
  EXPECT_EQ(answer->usage.prompt_tokens + answer->usage.generated_tokens, 256);
}

TEST_F(Answers, AnySeedIsTakenAndReported) {
  Request request = ask("Hi");
  request.sampling.temperature = 1;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    request.sampling.seed = seed;
    const auto answer = engine_->generate(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->seed, seed);
    EXPECT_EQ(engine_->generate(request)->text, answer->text);
  }
}

TEST_F(Answers, WhatIsMalformedIsAnErrorThatSaysWhat) {
  const std::pair<const char*, const char*> words[] = {
      {"!wrong-endpoint", "unknown way (7)"},
      {"!no-text", "without its text"},
      {"!no-tokens", "without its tokens"},
      {"!no-choices", "without its choices"},
      {"!negative-count", "negative number of tokens"},
  };
  for (const auto& [word, part] : words) {
    Request request = ask(word);
    request.logprobs = 1;
    const auto answer = engine_->generate(request);
    ASSERT_FALSE(answer.ok()) << word;
    EXPECT_EQ(to_string(answer.error().code), "internal");
    EXPECT_THAT(answer.error().message, HasSubstr(part));
  }
  const auto failed = engine_->generate(ask("!fails"));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message,
            "picoLLM cannot answer with phi3 stand-in: Picovoice Error; It is out of order "
            "(INVALID_STATE)");
  Request request = ask("Hi");
  request.sampling.frequency_penalty = -1;
  EXPECT_EQ(to_string(engine_->generate(request).error().code), "invalid_argument");
}

TEST_F(Answers, ATextWithAZeroByteIsNotCut) {
  Request request = ask("Hi");
  request.prompt = std::string("one\0two", 7);
  EXPECT_THAT(engine_->generate(request).error().message, HasSubstr("zero byte"));
  request = ask("Hi");
  request.stop = {std::string("a\0b", 3)};
  EXPECT_THAT(engine_->generate(request).error().message, HasSubstr("zero byte"));
}

}  // namespace
}  // namespace tenfold::picollm
