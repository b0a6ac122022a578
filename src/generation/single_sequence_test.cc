#include "generation/single_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace tenfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Tokens = std::vector<TokenId>;

/// A framework with a vocabulary of 10 and logits that name the position and the token.
class SingleSequenceTest : public testing::Test {
 protected:
  SingleSequenceTest() { sequence_.start(10, 8); }
  auto runs() {
    return [this](std::span<const TokenId> tokens, bool all) -> Result<SingleSequence::Run> {
      const std::size_t taken = std::min(tokens.size(), takes_);
      pieces_.push_back(static_cast<int>(taken));
      if (after_run_) after_run_();
      rows_.clear();
      for (std::size_t i = all || gives_all_ ? 0 : taken - 1; i < taken; ++i) {
        rows_.resize(rows_.size() + 10, static_cast<float>(tokens[i]));
        rows_[rows_.size() - 10] = static_cast<float>(sequence_.length()) + static_cast<float>(i);
      }
      return SingleSequence::Run{taken, rows_};
    };
  }
  Result<std::span<const float>> evaluate(const Tokens& tokens, bool all = false) {
    const Chunk chunk{0, tokens, all};
    return sequence_.evaluate({&chunk, 1}, limits_, runs());
  }
  /// The first and second logit of each row.
  std::vector<std::pair<int, int>> rows(const Tokens& tokens, bool all) {
    const auto logits = evaluate(tokens, all);
    EXPECT_TRUE(logits.ok());
    std::vector<std::pair<int, int>> rows;
    for (std::size_t i = 0; logits.ok() && i < logits->size(); i += 10) {
      rows.emplace_back(static_cast<int>((*logits)[i]), static_cast<int>((*logits)[i + 1]));
    }
    return rows;
  }
  Error refused(const std::vector<Chunk>& chunks) {
    return sequence_.evaluate(chunks, limits_, runs()).error();
  }

  SingleSequence sequence_;
  SingleSequence::Limits limits_;
  std::size_t takes_ = 100;
  bool gives_all_ = false;
  std::function<void()> after_run_;
  std::vector<int> pieces_;
  std::vector<float> rows_;
};

TEST_F(SingleSequenceTest, GathersTheRowsOfItsPieces) {
  limits_ = {3, 2};
  EXPECT_THAT(rows({5, 6, 7, 8}, true),
              ElementsAre(std::pair(0, 5), std::pair(1, 6), std::pair(2, 7), std::pair(3, 8)));
  EXPECT_THAT(pieces_, ElementsAre(2, 2));
  EXPECT_THAT(rows({1, 2, 3, 4}, false), ElementsAre(std::pair(7, 4)));
  EXPECT_THAT(pieces_, ElementsAre(2, 2, 3, 1));
  EXPECT_EQ(sequence_.length(), 8);
}

TEST_F(SingleSequenceTest, ARunMayTakeLessAndGiveMore) {
  takes_ = 2;
  gives_all_ = true;
  EXPECT_THAT(rows({5, 6, 7}, false), ElementsAre(std::pair(2, 7)));
  EXPECT_THAT(pieces_, ElementsAre(2, 1));
  EXPECT_THAT(rows({8}, true), ElementsAre(std::pair(3, 8)));
}

TEST_F(SingleSequenceTest, AnInterruptHoldsUntilItIsTakenBack) {
  limits_ = {2, 2};
  after_run_ = [&] { sequence_.interrupt(true); };
  EXPECT_EQ(evaluate({1, 2, 3, 4}).error().code, ErrorCode::cancelled);
  EXPECT_EQ(sequence_.length(), 2) << "what was done counts";
  EXPECT_EQ(evaluate({3}).error().code, ErrorCode::cancelled);
  EXPECT_THAT(pieces_, ElementsAre(2));
  sequence_.interrupt(false);
  EXPECT_TRUE(evaluate({3}).ok());
}

TEST_F(SingleSequenceTest, RefusesWhatTheModelDoesNotHave) {
  const Tokens three{1, 2, 3};
  const Tokens outside{10};
  EXPECT_THAT(refused({{0, outside}}).message, HasSubstr("token id 10 is outside"));
  EXPECT_THAT(refused({{1, three}}).message, HasSubstr("sequence 1 does not exist"));
  EXPECT_EQ(refused({}).code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused({{0, {}}}).code, ErrorCode::invalid_argument);
  ASSERT_TRUE(evaluate({1, 2, 3, 4, 5, 6}).ok());
  EXPECT_THAT(refused({{0, three}}).message, HasSubstr("9 tokens do not fit the context of 8"));
  EXPECT_EQ(refused({{0, three}}).code, ErrorCode::context_exceeded);
}

TEST_F(SingleSequenceTest, Rewinds) {
  ASSERT_TRUE(evaluate({1, 2, 3, 4, 5}).ok());
  EXPECT_EQ(*sequence_.rewind(0, 7), 5);
  EXPECT_EQ(*sequence_.rewind(0, 2), 2);
  EXPECT_EQ(sequence_.length(), 2);
  EXPECT_FALSE(sequence_.rewind(1, 0).ok());
  EXPECT_FALSE(sequence_.rewind(0, -1).ok());
}

}  // namespace
}  // namespace tenfold
