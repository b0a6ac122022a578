#include "engine/json_depth.h"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

TEST(JsonDepth, CountsLevelsOutsideOfStrings) {
  EXPECT_FALSE(nests_deeper(R"([{"a": [1]}, [[]]])", 3));
  EXPECT_TRUE(nests_deeper(R"([{"a": [1]}, [[]]])", 2));
  EXPECT_FALSE(nests_deeper(R"(["[[[[", "\"[[[", "\\"])", 1));
  EXPECT_TRUE(nests_deeper(R"(["\\", [[]]])", 2));
  EXPECT_TRUE(nests_deeper(std::string(1'000'000, '['), 64));
}

}  // namespace
}  // namespace tenfold
