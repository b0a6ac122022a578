#include <gtest/gtest.h>

#include <memory>

#include "tenfold/error.h"
#include "tenfold/result.h"

namespace tenfold {
namespace {

TEST(Error, EveryCodeSurvivesItsName) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(error_code_from(to_string(code)), code) << to_string(code);
  }
  EXPECT_EQ(error_code_from("a name of a later version"), ErrorCode::internal);
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::invalid_argument, "odd", "give an even number");
  return number / 2;
}

Result<int> quarter(int number) {
  const int first = TRY(half(number));
  return half(first);
}

TEST(Result, TryReturnsTheFirstErrorUnchanged) {
  EXPECT_EQ(*quarter(12), 3);
  const Result<int> failed = quarter(6);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(failed.error().hint, "give an even number");
}

TEST(Result, CarriesValuesThatCanOnlyBeMoved) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto take = [&]() -> Result<int> { return *TRY(make()); };
  EXPECT_EQ(*take(), 7);
}

}  // namespace
}  // namespace tenfold
