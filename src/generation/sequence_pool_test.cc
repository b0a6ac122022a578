#include "generation/sequence_pool.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tenfold
