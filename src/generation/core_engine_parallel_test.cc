// Several answers of one engine at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;

class CoreEngineParallelTest : public CoreEngineFixture {
 protected:
  static constexpr int sequences = 4;

  void SetUp() override {
    CoreEngineFixture::SetUp();
    LoadOptions options;
    options.sequences = sequences;
    ASSERT_TRUE(engine_->initialize({.path = "fake.model"}, options, {}).ok());
  }

  static Request question(int i) {
    auto to = ask("Question " + std::to_string(i));
    to.sampling.temperature = 1;
    return to;
  }

  template <typename Work>
  static void at_once(int count, const Work& work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  }
};

TEST_F(CoreEngineParallelTest, AnswersAreWhatTheyAreAlone) {
  std::vector<Answer> alone;
  for (int i = 0; i < sequences; ++i) alone.push_back(answer(question(i)));
  control_->evaluate_time = milliseconds(1);
  at_once(sequences, [&](int i) {
    for (int round = 0; round < 3; ++round) {
      const Answer together = answer(question(i));
      EXPECT_EQ(together.tokens, alone[static_cast<std::size_t>(i)].tokens);
      EXPECT_EQ(together.text, alone[static_cast<std::size_t>(i)].text);
    }
  });
  EXPECT_TRUE(std::ranges::any_of(control_->steps, [](const auto& step) {
    return step.size() == sequences;
  })) << "they shared no step";
}

TEST_F(CoreEngineParallelTest, OneMoreIsBusyAndOthersGoOn) {
  std::atomic<int> running = 0;
  std::atomic<bool> looked = false;
  at_once(sequences, [&](int i) {
    bool counted = false;
    const auto result = engine_->stream(question(i), [&](const Delta&) {
      if (!std::exchange(counted, true)) ++running;
      while (!looked) {
        if (i == 0 && running == sequences) {
          EXPECT_EQ(engine_->generate(question(9)).error().code, ErrorCode::busy);
          EXPECT_TRUE(engine_->prepare(question(9).prompt).ok());
          looked = true;
        }
        std::this_thread::yield();
      }
    });
    EXPECT_TRUE(result.ok());
  });
  EXPECT_TRUE(engine_->generate(question(9)).ok());
}

TEST_F(CoreEngineParallelTest, AStopEndsOneAnswerAndCancelAll) {
  control_->evaluate_time = milliseconds(1);
  control_->next = [](auto) { return 'a'; };
  std::stop_source stop;
  std::atomic<int> well_begun = 0;
  std::atomic<bool> first_ended = false;
  at_once(sequences, [&](int i) {
    auto to = question(i);
    to.max_tokens = 400;
    int deltas = 0;
    const auto on_delta = [&](const Delta&) {
      if (++deltas == 6) ++well_begun;
      if (i == 0 && deltas == 5) stop.request_stop();
      if (i == 1 && first_ended && well_begun == sequences - 1) engine_->cancel();
    };
    const auto result =
        engine_->stream(to, on_delta, i == 0 ? stop.get_token() : std::stop_token());
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->finish, FinishReason::cancelled) << i;
    if (i == 0) {
      EXPECT_EQ(result->tokens.size(), 5U);
      first_ended = true;
    } else {
      EXPECT_GT(result->tokens.size(), 5U);
    }
  });
}

TEST_F(CoreEngineParallelTest, EachDeadlineEndsItsAnswer) {
  control_->evaluate_time = milliseconds(1);
  control_->next = [](auto) { return 'a'; };
  at_once(sequences, [&](int i) {
    auto to = question(i);
    to.max_tokens = 100;
    if (i % 2 == 0) to.deadline = milliseconds(20);
    const auto result = engine_->generate(to);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->finish, i % 2 == 0 ? FinishReason::deadline : FinishReason::length);
  });
}

TEST_F(CoreEngineParallelTest, OtherCallsFitBetweenTheSteps) {
  control_->evaluate_time = milliseconds(1);
  control_->embedding = {3, 4};
  std::atomic<bool> ended = false;
  std::jthread other([&] {
    while (!ended) {
      EXPECT_TRUE(engine_->embed(std::vector<std::string>{"Hi"}).ok());
      EXPECT_TRUE(engine_->score(std::vector<TokenId>(100, 'a')).ok());
      EXPECT_TRUE(engine_->prepare(question(1).prompt).ok());
    }
  });
  at_once(sequences - 1, [&](int i) {
    for (int round = 0; round < 3; ++round) answer(question(i));
    if (i == 0) ended = true;
  });
}

TEST_F(CoreEngineParallelTest, CleanupEndsAllAndTheLastFreesTheModel) {
  control_->next = [](auto) { return 'a'; };
  std::atomic<bool> is_cleaned_up = false;
  at_once(sequences, [&](int i) {
    auto to = question(i);
    to.max_tokens = 400;
    const auto result = engine_->stream(to, [&](const Delta&) {
      if (i == 0) {
        engine_->cleanup();
        is_cleaned_up = true;
        is_cleaned_up.notify_all();
      }
      is_cleaned_up.wait(false);
    });
    if (result.ok()) {
      EXPECT_EQ(result->finish, FinishReason::cancelled);
    } else {
      EXPECT_EQ(result.error().code, ErrorCode::not_initialized) << "it came later";
    }
  });
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_TRUE(engine_->initialize({.path = "fake.model"}, {}, {}).ok());
}

}  // namespace
}  // namespace tenfold
