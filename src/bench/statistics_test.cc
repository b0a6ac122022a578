#include "bench/statistics.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenfold {
namespace {

TEST(Statistics, KnownValues) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(mean(values), 5);
  EXPECT_NEAR(standard_deviation(values), 2.13809, 1e-5);
  EXPECT_DOUBLE_EQ(median(values), 4.5);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{9, 1, 5}), 5);
}

TEST(Statistics, FewValues) {
  EXPECT_EQ(mean({}), 0);
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(standard_deviation({}), 0);
  EXPECT_EQ(standard_deviation(std::vector<double>{3}), 0);
}

}  // namespace
}  // namespace tenfold
