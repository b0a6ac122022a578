#include "generation/single_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold {
namespace {

using testing::HasSubstr;

const std::vector<TokenId> kThree{1, 2, 3};

Error refused(const SingleSequence& sequence, const std::vector<Chunk>& chunks) {
  return sequence.check(chunks).error();
}

TEST(SingleSequence, TakesWhatFits) {
  SingleSequence sequence(10, 4);
  const std::vector<Chunk> chunks{{0, kThree, true}};
  const auto chunk = sequence.check(chunks);
  ASSERT_TRUE(chunk.ok());
  EXPECT_TRUE(chunk->all_positions);
  sequence.append(3);
  EXPECT_THAT(refused(sequence, chunks).message, HasSubstr("6 tokens do not fit the context of 4"));
  EXPECT_EQ(refused(sequence, chunks).code, ErrorCode::context_exceeded);
}

TEST(SingleSequence, RefusesWhatTheModelDoesNotHave) {
  const SingleSequence sequence(3, 10);
  EXPECT_THAT(refused(sequence, {{0, kThree}}).message, HasSubstr("token id 3 is outside"));
  EXPECT_THAT(refused(sequence, {{1, kThree}}).message, HasSubstr("sequence 1 does not exist"));
  EXPECT_EQ(refused(sequence, {}).code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused(sequence, {{0, {}}}).code, ErrorCode::invalid_argument);
}

TEST(SingleSequence, Rewinds) {
  SingleSequence sequence(10, 10);
  sequence.append(5);
  EXPECT_EQ(*sequence.rewind(0, 7), 5);
  EXPECT_EQ(*sequence.rewind(0, 2), 2);
  EXPECT_EQ(sequence.length(), 2);
  EXPECT_FALSE(sequence.rewind(0, -1).ok());
  EXPECT_FALSE(sequence.rewind(1, 0).ok());
}

}  // namespace
}  // namespace tenfold
