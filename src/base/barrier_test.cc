#include "base/barrier.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tenfold {
namespace {

TEST(Barrier, WhatIsThrownBecomesTheErrorOfTheJob) {
  const auto thrown = [](auto what) {
    return barrier("the job", [&]() -> Result<int> { throw what; }).error();
  };
  EXPECT_EQ(thrown(std::bad_alloc()).code, ErrorCode::out_of_memory);
  EXPECT_NE(thrown(std::bad_alloc()).hint.find("smaller model"), std::string::npos);
  EXPECT_EQ(thrown(std::runtime_error("x")).code, ErrorCode::internal);
  EXPECT_EQ(thrown(std::runtime_error("x")).message, "the job failed: x");
  EXPECT_EQ(thrown(1).code, ErrorCode::internal);
}

TEST(Barrier, WhatIsReturnedStays) {
  EXPECT_EQ(barrier("the job", []() -> Result<int> { return 7; }).value(), 7);
  const auto failed =
      barrier("the job", []() -> Result<void> { return fail(ErrorCode::io, "no disk"); });
  EXPECT_EQ(failed.error().message, "no disk");
}

}  // namespace
}  // namespace tenfold
