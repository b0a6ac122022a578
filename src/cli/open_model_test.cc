#include "cli/open_model.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

using namespace std::chrono_literals;

TEST(SlowLoad, IsToldOnceAndOnlyWhileNothingIsLoaded) {
  const SlowLoad::Clock::time_point began{};
  SlowLoad slow(began);
  EXPECT_FALSE(slow.is_news(0, began + 4s));
  EXPECT_FALSE(slow.is_news(0.1, began + 6s));
  EXPECT_TRUE(slow.is_news(0, began + 6s));
  EXPECT_FALSE(slow.is_news(0, began + 60s));
}

}  // namespace
}  // namespace tenfold
