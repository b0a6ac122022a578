#include "generation/batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "generation/testing/fake_token_model.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;
using Tokens = std::vector<TokenId>;

class BatcherTest : public testing::Test {
 protected:
  static ModelInfo info() {
    ModelInfo result;
    result.context_size = 4096;
    return result;
  }

  /// Appends all tokens in as many steps as it takes; the last logits.
  std::vector<float> append(int sequence, std::span<const TokenId> tokens) {
    std::vector<float> row;
    while (!tokens.empty()) {
      const auto rows = batcher_.evaluate({sequence, tokens}, {});
      EXPECT_TRUE(rows.ok()) << rows.error().message;
      if (!rows.ok()) return {};
      row.assign(rows->logits.begin(), rows->logits.end());
      batcher_.release(sequence);
      tokens = tokens.subspan(rows->tokens);
    }
    return row;
  }

  std::shared_ptr<FakeModelControl> control_ = std::make_shared<FakeModelControl>();
  FakeTokenModel model_{info(), control_, 4};
  Batcher batcher_{model_};
};

TEST_F(BatcherTest, AnswersThatRunAtOnceShareTheirSteps) {
  control_->evaluate_time = milliseconds(2);
  std::vector<std::vector<float>> rows(4);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (TokenId t = 0; t < 50; ++t)
          rows[static_cast<std::size_t>(i)] = append(i, Tokens{i + t});
        batcher_.leave(i);
      });
    }
  }
  EXPECT_LT(control_->steps.size(), 150U) << "200 if each were alone";
  for (int i = 0; i < 4; ++i) {
    auto alone_control = std::make_shared<FakeModelControl>();
    FakeTokenModel alone(info(), alone_control);
    Tokens tokens;
    for (TokenId t = 0; t < 50; ++t) tokens.push_back(i + t);
    const Chunk chunk{0, tokens};
    const auto expected = alone.evaluate({&chunk, 1});
    EXPECT_TRUE(std::ranges::equal(rows[static_cast<std::size_t>(i)], *expected)) << i;
  }
}

TEST_F(BatcherTest, AloneAPromptGoesInLargePieces) {
  append(0, Tokens(1200, 7));
  EXPECT_EQ(control_->steps, (std::vector<std::vector<int>>{{512}, {512}, {176}}));
  batcher_.leave(0);
  control_->steps.clear();
  control_->preferred_step = 4096;  // it computes everything anew in each step
  append(1, Tokens(1200, 1));
  EXPECT_EQ(control_->steps, (std::vector<std::vector<int>>{{1200}}));
}

TEST_F(BatcherTest, BesideAnotherAnswerAPromptGoesInPiecesOfBoundedTime) {
  control_->evaluate_time = milliseconds(200);
  std::atomic<bool> has_begun = false;
  control_->before_evaluate = [&](int) -> Result<void> {
    // Time enough for the prompt to come meanwhile.
    if (!has_begun.exchange(true)) std::this_thread::sleep_for(milliseconds(200));
    return {};
  };
  std::jthread other([&] {
    for (int i = 0; i < 4; ++i) append(1, Tokens{1});
    batcher_.leave(1);
  });
  while (!has_begun) std::this_thread::yield();
  append(0, Tokens(150, 7));
  other.join();
  batcher_.leave(0);
  // In the order of the sequences. 64 tokens took twice as long as they should.
  EXPECT_EQ(control_->steps[1], (std::vector<int>{64, 1}));
  EXPECT_EQ(control_->steps[2], (std::vector<int>{32, 1}));
}

TEST_F(BatcherTest, SlowCallersAreNotWaitedFor) {
  append(0, Tokens{1});  // and does not come back
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 400; ++i) append(1, Tokens{1});
  EXPECT_LT(std::chrono::steady_clock::now() - start, 400 * Batcher::patience / 2);
  batcher_.leave(0);
  batcher_.leave(1);
}

TEST_F(BatcherTest, RowsAreValidUntilTheyAreReleased) {
  const auto rows = batcher_.evaluate({0, Tokens{1}}, {});
  const std::vector<float> copy(rows->logits.begin(), rows->logits.end());
  std::jthread other([&] { append(1, Tokens{2}); });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(control_->evaluate_calls, 1);
  EXPECT_TRUE(std::ranges::equal(rows->logits, copy));
  batcher_.release(0);
  other.join();
  EXPECT_EQ(control_->evaluate_calls, 2);
}

TEST_F(BatcherTest, AStopEndsAStepOfItsOwnAndNoOther) {
  control_->evaluate_time = std::chrono::seconds(60);
  std::stop_source stop;
  std::jthread stopper([&] {
    while (!control_->is_evaluating) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_EQ(batcher_.evaluate({0, Tokens{1}}, stop.get_token()).error().code, ErrorCode::cancelled);
  batcher_.leave(0);

  control_->evaluate_time = milliseconds(500);
  std::stop_source waiting;
  std::jthread running([&] { append(1, Tokens{1}); });
  while (!control_->is_evaluating) std::this_thread::yield();
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(10));
    waiting.request_stop();
  });
  EXPECT_EQ(batcher_.evaluate({0, Tokens{1}}, waiting.get_token()).error().code,
            ErrorCode::cancelled);
  EXPECT_TRUE(control_->is_evaluating) << "it did not wait for the end of the step";
  running.join();
  EXPECT_EQ(control_->sequences[1].size(), 1U);
}

TEST_F(BatcherTest, AStopThatComesBeforeTheEngineHasBegunIsNotLost) {
  control_->evaluate_time = std::chrono::seconds(60);
  std::stop_source stop;
  control_->before_evaluate = [&](int) -> Result<void> {
    stop.request_stop();  // the step is decided, and the engine has done nothing yet
    return {};
  };
  EXPECT_EQ(batcher_.evaluate({0, Tokens{1}}, stop.get_token()).error().code, ErrorCode::cancelled);
  control_->before_evaluate = {};
  control_->evaluate_time = milliseconds(0);
  EXPECT_TRUE(batcher_.evaluate({0, Tokens{1}}, {}).ok()) << "the next step is not interrupted";
}

TEST_F(BatcherTest, AStopEndsOtherWorkAndTheWaitForIt) {
  std::stop_source stop;
  const auto interrupted = batcher_.alone(stop.get_token(), [&](TokenModel&) -> Result<bool> {
    EXPECT_FALSE(control_->is_interrupted);
    stop.request_stop();
    return control_->is_interrupted.load();
  });
  EXPECT_TRUE(*interrupted);
  const auto begun = [](TokenModel&) -> Result<bool> { return true; };
  EXPECT_TRUE(batcher_.alone(stop.get_token(), begun).ok()) << "nothing is in its way";

  control_->evaluate_time = milliseconds(500);
  std::jthread running([&] { append(1, Tokens{1}); });
  while (!control_->is_evaluating) std::this_thread::yield();
  std::stop_source waiting;
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(10));
    waiting.request_stop();
  });
  EXPECT_EQ(batcher_.alone(waiting.get_token(), begun).error().code, ErrorCode::cancelled);
  EXPECT_TRUE(control_->is_evaluating) << "it did not wait for the end of the step";
}

TEST_F(BatcherTest, OtherWorkGetsItsTurnBetweenStepsAndLeavesThemTheirs) {
  control_->evaluate_time = milliseconds(2);
  std::atomic<bool> ended = false;
  std::atomic<int> gaps = 0;
  std::jthread other([&] {
    while (!ended) {
      const auto done = batcher_.alone({}, [&](TokenModel&) -> Result<int> {
        EXPECT_FALSE(control_->is_evaluating);
        std::this_thread::sleep_for(milliseconds(2));
        return ++gaps;
      });
      EXPECT_TRUE(done.ok());
    }
  });
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) append(0, Tokens{1});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ended = true;
  other.join();
  EXPECT_GT(gaps, 20);
}

TEST_F(BatcherTest, AFailedStepFailsAllThatShareIt) {
  control_->evaluate_time = milliseconds(20);
  control_->before_evaluate = [](int call) -> Result<void> {
    if (call >= 2) return fail(ErrorCode::io, "broken");
    return {};
  };
  append(0, Tokens{1});
  std::vector<Error> errors(2);
  {
    std::jthread other([&] { errors[1] = batcher_.evaluate({1, Tokens{1}}, {}).error(); });
    std::this_thread::sleep_for(milliseconds(1));
    errors[0] = batcher_.evaluate({0, Tokens{1}}, {}).error();
  }
  EXPECT_EQ(errors[0].message, "broken");
  EXPECT_EQ(errors[1].message, "broken");
}

}  // namespace
}  // namespace tenfold
