#include "generation/penalties.h"

#include <gtest/gtest.h>

#include <limits>

namespace tenfold {
namespace {

std::vector<float> apply(const Penalties& penalties, std::vector<float> row) {
  penalties.apply(row);
  return row;
}

ResolvedSampling sampling(double repeat, double presence, double frequency, int window) {
  ResolvedSampling s;
  s.repeat_penalty = repeat;
  s.presence_penalty = presence;
  s.frequency_penalty = frequency;
  s.penalty_window = window;
  return s;
}

TEST(Penalties, RepeatCountsPromptAndAnswerOnce) {
  Penalties penalties(sampling(2, 0, 0, -1), std::vector<TokenId>{0, 0, 1});
  penalties.accept(2);
  EXPECT_EQ(apply(penalties, {4, -4, 0, 4}), (std::vector<float>{2, -8, 0, 4}));
}

TEST(Penalties, PresenceAndFrequencyCountTheAnswerOnly) {
  Penalties penalties(sampling(1, 0.5, 0.25, -1), std::vector<TokenId>{0, 1});
  penalties.accept(1);
  penalties.accept(2);
  penalties.accept(2);
  EXPECT_EQ(apply(penalties, {4, 4, 4, 4}), (std::vector<float>{4, 3.25, 3, 4}));
}

TEST(Penalties, OnlyTheWindowCounts) {
  Penalties penalties(sampling(2, 0, 1, 2), std::vector<TokenId>{0, 1, 2});
  EXPECT_EQ(apply(penalties, {4, 4, 4, 4}), (std::vector<float>{4, 2, 2, 4}));
  penalties.accept(3);
  penalties.accept(3);
  EXPECT_EQ(apply(penalties, {4, 4, 4, 4}), (std::vector<float>{4, 4, 4, 0}));
  penalties.accept(0);
  EXPECT_EQ(apply(penalties, {4, 4, 4, 4}), (std::vector<float>{1, 4, 4, 1}));
  penalties.accept(0);
  EXPECT_EQ(apply(penalties, {4, 4, 4, 4}), (std::vector<float>{0, 4, 4, 4}));
}

TEST(Penalties, AreOffByDefaultAndWithAWindowOfZero) {
  EXPECT_FALSE(Penalties(ResolvedSampling(), std::vector<TokenId>{1}).is_active());
  Penalties penalties(sampling(2, 1, 1, 0), std::vector<TokenId>{1});
  penalties.accept(1);
  EXPECT_FALSE(penalties.is_active());
}

TEST(Penalties, ExtremeValuesStayFiniteAndBannedTokensBanned) {
  const float banned = -std::numeric_limits<float>::infinity();
  const float largest = std::numeric_limits<float>::max();
  Penalties penalties(sampling(1e-300, 0, 0, -1), std::vector<TokenId>{0, 1});
  EXPECT_EQ(apply(penalties, {4, banned}), (std::vector<float>{largest, banned}));
}

}  // namespace
}  // namespace tenfold
