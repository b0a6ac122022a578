#include "generation/sequence_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stop_token>

#include "generation/testing/fake_token_model.h"

namespace tenfold {
namespace {

using Tokens = std::vector<TokenId>;

class SequencePoolTest : public testing::Test {
 protected:
  static ModelInfo info() {
    ModelInfo result;
    result.context_size = 64;
    return result;
  }

  /// Has the tokens evaluated as an answer would; how many of them were cached.
  int answer(const Tokens& tokens) {
    const auto lease = pool_.take(tokens);
    EXPECT_TRUE(lease.ok());
    const int cached = *(*lease)->reuse(tokens);
    EXPECT_TRUE(
        (*lease)->append(std::span(tokens).subspan(static_cast<std::size_t>(cached)), false).ok());
    return cached;
  }

  std::shared_ptr<FakeModelControl> control_ = std::make_shared<FakeModelControl>();
  FakeTokenModel model_{info(), control_, 3};
  Batcher batcher_{model_};
  SequencePool pool_{batcher_, 3};
};

TEST_F(SequencePoolTest, AConversationFindsWhatItSaid) {
  answer({1, 1, 1, 1});
  answer({2, 2, 2, 2});
  answer({3, 3, 3, 3});
  EXPECT_EQ(answer({1, 1, 1, 1, 5}), 4);
  EXPECT_EQ(answer({3, 3, 3, 3, 5}), 4);
  EXPECT_EQ(answer({2, 2, 2, 2, 5}), 4);
}

TEST_F(SequencePoolTest, ANewConversationTakesTheOldestAndASharedPrefix) {
  answer({9, 9, 1, 1, 1});
  answer({9, 9, 2, 2, 2});
  answer({8, 8, 3, 3, 3});
  EXPECT_EQ(answer({9, 9, 4, 4, 4}), 2) << "copied";
  EXPECT_EQ(answer({9, 9, 2, 2, 2, 2}), 5) << "is still there";
  EXPECT_EQ(answer({8, 8, 3, 3, 3, 3}), 5);
  control_->can_copy = false;
  EXPECT_EQ(answer({8, 8, 5, 5, 5, 5}), 0);
}

TEST_F(SequencePoolTest, OneMoreThanThereAreIsBusy) {
  {
    const auto first = pool_.take({});
    const auto second = pool_.take({});
    const auto third = pool_.take({});
    ASSERT_TRUE(third.ok());
    const auto fourth = pool_.take({});
    ASSERT_FALSE(fourth.ok());
    EXPECT_EQ(fourth.error().code, ErrorCode::busy);
    EXPECT_EQ(fourth.error().message, "all 3 sequences of the model are in use");
  }
  EXPECT_TRUE(pool_.take({}).ok());
}

/// A copy that goes on until it is let go.
class SequencePoolCopyTest : public SequencePoolTest {
 protected:
  /// Sequence 0 has [9 9 1 1 1], sequence 1 [8 8 2 2 2]; 2 is given a copy of the nines.
  void SetUp() override {
    answer({9, 9, 1, 1, 1});
    answer({8, 8, 2, 2, 2});
    control_->before_copy = [this] {
      begun_.count_down();
      let_go_.wait();
    };
    copier_ = std::async(std::launch::async, [this] { return answer({9, 9, 4, 4, 4}); });
    begun_.wait();
  }
  void TearDown() override {
    if (copier_.valid()) end_copy();
  }
  void end_copy() {
    let_go_.count_down();
    EXPECT_EQ(copier_.get(), 2);
  }
  std::future<bool> take(const Tokens& tokens, std::stop_token stop = {}) {
    return std::async(std::launch::async, [=, this] { return pool_.take(tokens, stop).ok(); });
  }
  static bool is_done(const std::future<bool>& taken, std::chrono::milliseconds within) {
    return taken.wait_for(within) == std::future_status::ready;
  }

  std::latch begun_{1};
  std::latch let_go_{1};
  std::future<int> copier_;
};

TEST_F(SequencePoolCopyTest, OthersComeAndGoMeanwhile) {
  auto other = take({8, 8, 2, 2, 2, 2});
  EXPECT_TRUE(is_done(other, std::chrono::seconds(10)));
  end_copy();
  EXPECT_TRUE(other.get());
}

TEST_F(SequencePoolCopyTest, WhoWantsTheSourceWaitsForIt) {
  auto next = take({9, 9, 1, 1, 1, 5});
  std::stop_source stop;
  auto stopped = take({9, 9, 1, 1, 1, 5}, stop.get_token());
  EXPECT_FALSE(is_done(next, std::chrono::milliseconds(20)));
  stop.request_stop();
  EXPECT_TRUE(is_done(stopped, std::chrono::seconds(10)));
  end_copy();
  EXPECT_FALSE(stopped.get());
  EXPECT_TRUE(next.get());
  EXPECT_EQ(answer({9, 9, 1, 1, 1, 5}), 5) << "it was not given to another conversation";
}

TEST_F(SequencePoolCopyTest, ASourceIsNotBusy) {
  const auto last = pool_.take(Tokens{7, 7, 7});
  ASSERT_TRUE(last.ok());
  auto waiting = take({6, 6, 6});
  EXPECT_FALSE(is_done(waiting, std::chrono::milliseconds(20)));
  end_copy();
  EXPECT_TRUE(waiting.get());
}

}  // namespace
}  // namespace tenfold
