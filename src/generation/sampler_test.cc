#include "generation/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tenfold {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
using Row = std::vector<float>;

ResolvedSampling plain(double temperature) {
  ResolvedSampling s;
  s.temperature = temperature;
  s.top_k = 0;
  s.top_p = 1;
  s.min_p = 0;
  return s;
}

Row log_of(const std::vector<double>& probabilities) {
  Row row;
  for (const double p : probabilities) row.push_back(static_cast<float>(std::log(p)));
  return row;
}

/// How often each token comes in `draws` draws.
std::vector<double> frequencies(const ResolvedSampling& sampling, const Row& row,
                                int draws = 10'000) {
  auto sampler = Sampler::create(sampling, static_cast<int>(row.size()), 1, {});
  std::vector<double> counts(row.size());
  for (int i = 0; i < draws; ++i) counts[static_cast<std::size_t>(*sampler->sample(row, {}))] += 1;
  for (double& count : counts) count /= draws;
  return counts;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& wanted) {
  ASSERT_EQ(actual.size(), wanted.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (wanted[i] == 0) {
      EXPECT_EQ(actual[i], 0) << "token " << i << " should have been dropped";
    } else {
      EXPECT_NEAR(actual[i], wanted[i], 0.02) << "token " << i;
    }
  }
}

TokenId sample_once(const ResolvedSampling& sampling, const Row& row) {
  return *Sampler::create(sampling, static_cast<int>(row.size()), 1, {})->sample(row, {});
}

TEST(Sampler, WithTheTemperatureFirstFiltersSeeItsProbabilities) {
  // At temperature 2 the probabilities are as their roots: 3 : 2 : 1.
  const Row row = log_of({9.0 / 14, 4.0 / 14, 1.0 / 14});
  auto s = plain(2);
  s.top_p = 0.6;
  expect_near(frequencies(s, row), {1, 0, 0});
  s.temperature_first = true;
  expect_near(frequencies(s, row), {0.6, 0.4, 0});
  s = plain(0);
  s.temperature_first = true;
  EXPECT_EQ(sample_once(s, row), 0);
}

TEST(Sampler, GreedyTakesTheLowestIdOfEqualLogits) {
  EXPECT_EQ(sample_once(plain(0), {1, 3, 3, 2}), 1);
  Row row(1000, -1);
  row[990] = row[995] = 5;
  EXPECT_EQ(sample_once(plain(0), row), 990);
}

TEST(Sampler, WithoutFiltersTheDistributionIsSoftmax) {
  expect_near(frequencies(plain(1), log_of({0.5, 0.3, 0.15, 0.05})), {0.5, 0.3, 0.15, 0.05});
}

TEST(Sampler, TemperatureSharpensAndFlattens) {
  expect_near(frequencies(plain(0.5), log_of({0.8, 0.2})), {0.64 / 0.68, 0.04 / 0.68});
  expect_near(frequencies(plain(2), log_of({0.8, 0.2})), {2.0 / 3, 1.0 / 3});
  expect_near(frequencies(plain(1e-9), log_of({0.3, 0.4, 0.3})), {0, 1, 0});
}

TEST(Sampler, TopKKeepsTheMostLikely) {
  auto s = plain(1);
  s.top_k = 2;
  expect_near(frequencies(s, log_of({0.1, 0.4, 0.1, 0.4})), {0, 0.5, 0, 0.5});
  s.top_k = 3;
  expect_near(frequencies(s, log_of({0.2, 0.3, 0.2, 0.3})), {0.25, 0.375, 0, 0.375});
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesP) {
  auto s = plain(1);
  s.top_p = 0.75;
  expect_near(frequencies(s, log_of({0.05, 0.5, 0.15, 0.3})), {0, 0.625, 0, 0.375});
  s.top_p = 0.45;
  expect_near(frequencies(s, log_of({0.05, 0.5, 0.15, 0.3})), {0, 1, 0, 0});
  s.top_p = 0.9;
  expect_near(frequencies(s, log_of({0.05, 0.5, 0.15, 0.3})),
              {0, 0.5 / 0.95, 0.15 / 0.95, 0.3 / 0.95});
}

TEST(Sampler, TopPActsOnWhatTopKLeft) {
  auto s = plain(1);
  s.top_k = 3;  // 0.5, 0.3, 0.15: of these 0.5 is 0.526
  s.top_p = 0.52;
  expect_near(frequencies(s, log_of({0.05, 0.5, 0.15, 0.3})), {0, 1, 0, 0});
}

TEST(Sampler, MinPIsRelativeToTheMostLikely) {
  auto s = plain(1);
  s.min_p = 0.5;
  expect_near(frequencies(s, log_of({0.4, 0.3, 0.19, 0.11})), {0.4 / 0.7, 0.3 / 0.7, 0, 0});
  s.top_k = 1;
  expect_near(frequencies(s, log_of({0.4, 0.3, 0.19, 0.11})), {1, 0, 0, 0});
}

TEST(Sampler, FiltersActBeforeTheTemperature) {
  auto s = plain(100);  // flat, but the filter looked at temperature 1
  s.min_p = 0.5;
  expect_near(frequencies(s, log_of({0.4, 0.3, 0.19, 0.11})), {0.5, 0.5, 0, 0});
}

/// top_p by sorting everything: what the selection must equal.
std::vector<TokenId> nucleus(const Row& row, double p) {
  std::vector<TokenId> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  const auto weight = [&](TokenId id) {
    return std::exp(static_cast<double>(row[static_cast<std::size_t>(id)]));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](TokenId a, TokenId b) { return weight(a) > weight(b); });
  double total = 0;
  for (const TokenId id : order) total += weight(id);
  double reached = 0;
  std::size_t kept = 0;
  while (kept < order.size() && reached < p * total) reached += weight(order[kept++]);
  order.resize(kept);
  std::sort(order.begin(), order.end());
  return order;
}

TEST(Sampler, TopPEqualsTheDefinitionOnRandomRows) {
  std::mt19937 random(4);
  for (int round = 0; round < 15; ++round) {
    Row row(60);
    for (float& x : row) x = static_cast<float>(random() % 6000) / 1000.0F;
    auto s = plain(1000);  // nearly uniform over what is kept
    s.top_p = 0.05 + 0.06 * round;
    const auto seen = frequencies(s, row, 2000);
    std::vector<TokenId> kept;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] > 0) kept.push_back(static_cast<TokenId>(i));
    }
    EXPECT_EQ(kept, nucleus(row, s.top_p)) << s.top_p;
  }
}

TEST(Sampler, SelectsTheSameAsASort) {
  std::mt19937 random(5);
  std::vector<TokenLogit> best;
  for (const int count : {1, 3, 40, 500, 999, 1000, 2000}) {
    Row row(1000);
    for (float& x : row) x = static_cast<float>(random() % 300);
    row[7] = -infinity;
    std::vector<TokenLogit> all;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 7) all.push_back({static_cast<TokenId>(i), row[i]});
    }
    std::sort(all.begin(), all.end(), is_more_likely);
    all.resize(std::min(all.size(), static_cast<std::size_t>(count)));
    select_top_tokens(row, count, best);
    ASSERT_EQ(best.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(best[i].token, all[i].token);
  }
}

TEST(Sampler, TheSeedFixesTheDraws) {
  const Row row = log_of({0.1, 0.2, 0.3, 0.4});
  const auto draw = [&](std::uint64_t seed) {
    auto sampler = Sampler::create(plain(1), 4, seed, {});
    std::vector<TokenId> tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(*sampler->sample(row, {}));
    return tokens;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
  // Written down so that another platform is held to the same answer.
  EXPECT_EQ(draw(42),
            (std::vector<TokenId>{3, 3, 3, 1, 3, 0, 2, 2, 1, 2, 0, 2, 3, 3, 3, 3, 3, 2, 0, 0}));
}

TEST(Sampler, LogitBiasForcesAndBans) {
  auto s = plain(0);
  s.logit_bias = {{0, 100}};
  EXPECT_EQ(sample_once(s, {1, 3, 2}), 0);
  s.logit_bias = {{1, -std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(sample_once(s, {1, 3, 2}), 2);
  s.temperature = 1;
  EXPECT_EQ(frequencies(s, {0, 3, 0}, 1000)[1], 0);
}

TEST(Sampler, LogitBiasIsChecked) {
  auto s = plain(0);
  s.logit_bias = {{3, 1}};
  const auto outside = Sampler::create(s, 3, 1, {});
  ASSERT_FALSE(outside.ok());
  EXPECT_EQ(outside.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(outside.error().message, "logit_bias[3] names a token outside the vocabulary");
  for (const double bias : {std::nan(""), std::numeric_limits<double>::infinity(), 1e300}) {
    s.logit_bias = {{1, bias}};
    EXPECT_FALSE(Sampler::create(s, 3, 1, {}).ok()) << bias;
  }
}

TEST(Sampler, TheMaskComesBeforeTheFilters) {
  auto s = plain(0);
  auto greedy = Sampler::create(s, 3, 1, {});
  EXPECT_EQ(*greedy->sample(Row{1, 3, 2}, std::vector<std::uint32_t>{0b101}), 2);
  s = plain(1);
  s.top_k = 1;
  auto top = Sampler::create(s, 3, 1, {});
  EXPECT_EQ(*top->sample(Row{1, 3, 2}, std::vector<std::uint32_t>{0b001}), 0);
  Row row(70, 1);
  row[69] = 9;  // beyond the mask: forbidden
  auto wide = Sampler::create(plain(0), 70, 1, {});
  EXPECT_EQ(*wide->sample(row, std::vector<std::uint32_t>{0, ~0U}), 32);
}

TEST(Sampler, PenaltiesChangeTheChoice) {
  auto s = plain(0);
  s.repeat_penalty = 2;
  auto sampler = Sampler::create(s, 3, 1, std::vector<TokenId>{1});
  EXPECT_EQ(*sampler->sample(Row{1, 3, 2}, {}), 2);
  sampler->accept(2);
  EXPECT_EQ(*sampler->sample(Row{1.25, 3, 2}, {}), 1);
}

TEST(Sampler, ForbiddingEverythingIsAnError) {
  auto s = plain(1);
  auto masked = Sampler::create(s, 2, 1, {})->sample(Row{1, 2}, std::vector<std::uint32_t>{0});
  ASSERT_FALSE(masked.ok());
  EXPECT_EQ(masked.error().code, ErrorCode::invalid_argument);
  auto impossible = Sampler::create(s, 2, 1, {})->sample(Row{-infinity, -infinity}, {});
  ASSERT_FALSE(impossible.ok());
  EXPECT_EQ(impossible.error().code, ErrorCode::internal);
}

TEST(Sampler, NonFiniteLogitsAreNamedAndMinusInfinityIsAllowed) {
  for (const double temperature : {0.0, 1.0}) {
    auto sampler = Sampler::create(plain(temperature), 40, 1, {});
    Row row(40, -infinity);
    row[39] = 1;
    EXPECT_EQ(*sampler->sample(row, {}), 39);
    row[38] = std::nanf("");
    const auto nan = sampler->sample(row, {});
    ASSERT_FALSE(nan.ok());
    EXPECT_EQ(nan.error().code, ErrorCode::internal);
    EXPECT_EQ(nan.error().message, "the engine computed NaN as the logit of token 38");
    row[38] = infinity;
    EXPECT_EQ(sampler->sample(row, {}).error().message,
              "the engine computed +infinity as the logit of token 38");
  }
}

}  // namespace
}  // namespace tenfold
