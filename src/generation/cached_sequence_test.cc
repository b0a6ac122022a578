#include "generation/cached_sequence.h"

#include <gtest/gtest.h>

#include "generation/testing/fake_token_model.h"

namespace tenfold {
namespace {

using Tokens = std::vector<TokenId>;

class CachedSequenceTest : public testing::Test {
 protected:
  static ModelInfo info() {
    ModelInfo result;
    result.context_size = 64;
    return result;
  }
  int reuse(const Tokens& prompt) { return *sequence_.reuse(prompt); }
  void append(const Tokens& tokens) {
    ASSERT_TRUE(sequence_.append(tokens, false).ok());
    sequence_.leave();
  }

  std::shared_ptr<FakeModelControl> control_ = std::make_shared<FakeModelControl>();
  FakeTokenModel model_{info(), control_, 2};
  Batcher batcher_{model_};
  CachedSequence sequence_{batcher_, 0};
};

TEST_F(CachedSequenceTest, KeepsTheCommonPrefix) {
  EXPECT_EQ(reuse({1, 2, 3}), 0);
  append({1, 2, 3});
  EXPECT_EQ(reuse({1, 2, 4, 5}), 2);
  EXPECT_EQ(control_->sequence, (Tokens{1, 2}));
  append({4, 5});
  EXPECT_EQ(reuse({1, 2, 4, 5, 6}), 4);
  EXPECT_EQ(reuse({9}), 0);
}

TEST_F(CachedSequenceTest, TheLastTokenIsNeverReused) {
  append({1, 2, 3});
  EXPECT_EQ(reuse({1, 2, 3}), 2);
  EXPECT_EQ(reuse({1}), 0);
}

TEST_F(CachedSequenceTest, TheModelMayKeepLess) {
  control_->rewind_step = 4;
  append({1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(reuse({1, 2, 3, 4, 5, 6, 8, 9}), 4);
  EXPECT_EQ(control_->sequence.size(), 4U);
}

TEST_F(CachedSequenceTest, AfterAFailureTheKnownTokensStay) {
  append({1, 2});
  control_->before_evaluate = [](int) -> Result<void> { return fail(ErrorCode::io, "broken"); };
  EXPECT_EQ(sequence_.append(Tokens{3, 4, 5, 6}, false).error().message, "broken");
  EXPECT_EQ(control_->sequence, (Tokens{1, 2}));
  EXPECT_EQ(sequence_.size(), 2U);
}

TEST_F(CachedSequenceTest, WhereRewindingFailsItStartsOver) {
  append({1, 2});
  control_->rewind_error = fail(ErrorCode::internal, "cannot go back");
  control_->before_evaluate = [](int) -> Result<void> { return fail(ErrorCode::io, "broken"); };
  EXPECT_FALSE(sequence_.append(Tokens{3, 4}, false).ok());
  EXPECT_EQ(sequence_.size(), 0U);
  EXPECT_EQ(sequence_.reuse(Tokens{1, 2, 3}).error().message, "cannot go back");
  control_->rewind_error.reset();
  EXPECT_EQ(reuse({1, 2, 3}), 0);
  EXPECT_TRUE(control_->sequence.empty());
}

TEST_F(CachedSequenceTest, AfterAnExceptionTheModelIsRewound) {
  append({1, 2});
  control_->before_evaluate = [&](int) -> Result<void> {
    control_->sequence.push_back(99);
    throw std::runtime_error("thrown");
  };
  EXPECT_EQ(sequence_.append(Tokens{3}, false).error().message, "the engine failed: thrown");
  control_->before_evaluate = nullptr;
  EXPECT_EQ(reuse({1, 2, 3}), 2);
  EXPECT_EQ(control_->sequence, (Tokens{1, 2}));
}

TEST_F(CachedSequenceTest, RefusesAWrongNumberOfLogitsAndAWrongRewind) {
  control_->one_logit_short = true;
  const auto logits = sequence_.append(Tokens{1, 2}, false);
  ASSERT_FALSE(logits.ok());
  EXPECT_EQ(logits.error().code, ErrorCode::internal);
  control_->one_logit_short = false;
  append({1, 2});
  for (const int answer : {-1, 2}) {
    control_->rewind_answer = answer;
    EXPECT_EQ(sequence_.reuse(Tokens{1, 9}).error().code, ErrorCode::internal);
    EXPECT_EQ(sequence_.size(), 0U);
    control_->rewind_answer.reset();
    reuse({1, 2});
    append({1, 2});
  }
}

TEST_F(CachedSequenceTest, CopiesThePrefixOfAnother) {
  append({1, 2, 3});
  CachedSequence other{batcher_, 1};
  ASSERT_TRUE(other.copy(sequence_, 2).ok());
  EXPECT_EQ(control_->sequences[1], (Tokens{1, 2}));
  EXPECT_EQ(other.size(), 2U);
  EXPECT_EQ(control_->sequence, (Tokens{1, 2, 3}));
  control_->can_copy = false;
  ASSERT_TRUE(other.copy(sequence_, 2).ok());
  EXPECT_EQ(other.size(), 0U);
  EXPECT_TRUE(control_->sequences[1].empty());
}

}  // namespace
}  // namespace tenfold
