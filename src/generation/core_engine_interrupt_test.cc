// Ending an answer early: cancel(), deadlines, and calls that come at the wrong moment.
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class CoreEngineInterruptTest : public CoreEngineFixture {
 protected:
  /// The engine still answers, and what it believes to be in the cache is there.
  void expect_still_works() {
    control_->evaluate_time = milliseconds(0);
    const auto to = ask("Are you there");
    answer_with(to, "Paris");
    EXPECT_EQ(answer(to).text, "Paris");
  }
};

TEST_F(CoreEngineInterruptTest, CancelFromTheDeltaEndsTheAnswerThere) {
  const auto to = ask("Hi");
  answer_with(to, "abcdef");
  const auto result = engine_->stream(to, [&](const Delta& delta) {
    if (delta.text == "b") engine_->cancel();
  });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->text, "ab");
  EXPECT_EQ(result->finish, FinishReason::cancelled);
  expect_still_works();
}

TEST_F(CoreEngineInterruptTest, CancelFromAnotherThreadInterruptsAnEvaluation) {
  control_->evaluate_time = std::chrono::seconds(60);
  std::jthread canceller([&] {
    while (!control_->is_evaluating) std::this_thread::yield();
    engine_->cancel();
  });
  const auto start = steady_clock::now();
  const auto result = engine_->generate(ask("Hi"));
  canceller.join();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->finish, FinishReason::cancelled);
  EXPECT_TRUE(result->tokens.empty());
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(10));
  expect_still_works();
}

TEST_F(CoreEngineInterruptTest, AStopTokenEndsItsAnswer) {
  const auto to = ask("Hi");
  answer_with(to, "abcdef");
  std::stop_source stop;
  const auto stop_at_b = [&](const Delta& delta) {
    if (delta.text == "b") stop.request_stop();
  };
  const auto result = engine_->stream(to, stop_at_b, stop.get_token());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->text, "ab");
  EXPECT_EQ(result->finish, FinishReason::cancelled);
  const int calls = control_->evaluate_calls;
  EXPECT_EQ(engine_->stream(to, {}, stop.get_token()).error().code, ErrorCode::cancelled);
  EXPECT_EQ(control_->evaluate_calls, calls) << "before it began";
  expect_still_works();
}

TEST_F(CoreEngineInterruptTest, CancelOfNothingDoesNothing) {
  engine_->cancel();
  expect_still_works();
  engine_->cleanup();
  engine_->cancel();
}

TEST_F(CoreEngineInterruptTest, TheDeadlineInterruptsAnEvaluation) {
  control_->evaluate_time = std::chrono::seconds(60);
  auto to = ask("Hi");
  to.deadline = milliseconds(30);
  const auto start = steady_clock::now();
  const auto result = engine_->generate(to);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->finish, FinishReason::deadline);
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(10));
  expect_still_works();
}

TEST_F(CoreEngineInterruptTest, TheDeadlineEndsAnAnswerBetweenTokens) {
  control_->evaluate_time = milliseconds(2);
  auto to = ask("Hi");
  answer_with(to, std::vector<TokenId>(400, 'a'));
  to.max_tokens = 400;
  to.deadline = milliseconds(100);
  const Answer result = answer(to);
  EXPECT_EQ(result.finish, FinishReason::deadline);
  EXPECT_FALSE(result.text.empty());
  expect_still_works();
}

TEST_F(CoreEngineInterruptTest, ADeadlineThatIsNotReachedChangesNothing) {
  auto to = ask("Hi");
  answer_with(to, "Paris");
  to.deadline = std::chrono::hours(24);
  EXPECT_EQ(answer(to).finish, FinishReason::stop);
}

TEST_F(CoreEngineInterruptTest, AnInterruptionNobodyAskedForIsAnError) {
  control_->before_evaluate = [](int) -> Result<void> {
    return fail(ErrorCode::cancelled, "interrupted");
  };
  EXPECT_EQ(error_of(ask("Hi")).code, ErrorCode::cancelled);
}

TEST_F(CoreEngineInterruptTest, CallsThatNeedTheSequenceOfAnAnswerAreBusy) {
  const auto to = ask("Hi");
  answer_with(to, "a");
  int looked = 0;
  const auto result = engine_->stream(to, [&](const Delta&) {
    ++looked;
    EXPECT_EQ(engine_->generate(to).error().code, ErrorCode::busy);
    EXPECT_TRUE(engine_->prepare(to.prompt).ok());
    EXPECT_EQ(engine_->score(std::vector<TokenId>{1, 2}).error().code, ErrorCode::busy);
    EXPECT_EQ(engine_->embed(std::vector<std::string>{"a"}).error().code, ErrorCode::unsupported);
    EXPECT_EQ(engine_->initialize({.path = "other"}, {}, {}).error().code, ErrorCode::busy);
  });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->text, "a");
  EXPECT_GT(looked, 0);
}

TEST_F(CoreEngineInterruptTest, CleanupDuringAnAnswerEndsItAndThenFreesTheModel) {
  const auto to = ask("Hi");
  answer_with(to, "abc");
  const auto result = engine_->stream(to, [&](const Delta&) { engine_->cleanup(); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->text, "a");
  EXPECT_EQ(result->finish, FinishReason::cancelled);
  EXPECT_FALSE(engine_->is_initialized());
}

TEST_F(CoreEngineInterruptTest, AnExceptionOfTheCallerIsAnError) {
  const auto to = ask("Hi");
  answer_with(to, "abc");
  const auto result =
      engine_->stream(to, [](const Delta&) { throw std::runtime_error("no more"); });
  EXPECT_EQ(result.error().message, "the engine failed: no more");
  expect_still_works();
}

}  // namespace
}  // namespace tenfold
