#include "cli/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tenfold {
namespace {

TEST(Numbers, Integers) {
  EXPECT_EQ(parse_integer("--n", "12", 0, 20).value(), 12);
  EXPECT_EQ(parse_integer("--n", "-1", -1, 20).value(), -1);
  for (const char* bad :
       {"", "12abc", " 12", "+12", "1.5", "0x10", "21", "-1", "1e1", "99999999999999999999"}) {
    const Result<std::int64_t> result = parse_integer("--n", bad, 0, 20);
    ASSERT_FALSE(result.ok()) << bad;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(result.error().message,
              std::string("--n must be a whole number from 0 to 20, not \"") + bad + "\"");
  }
}

TEST(Numbers, Seeds) {
  EXPECT_EQ(parse_seed("--seed", "18446744073709551615").value(), UINT64_MAX);
  for (const char* bad : {"", "-1", "18446744073709551616", "x"}) {
    EXPECT_FALSE(parse_seed("--seed", bad).ok()) << bad;
  }
}

TEST(Numbers, Numbers) {
  EXPECT_EQ(parse_number("--x", "0.5", 0, 1).value(), 0.5);
  EXPECT_EQ(parse_number("--x", "1e-1", 0, 1).value(), 0.1);
  for (const char* bad : {"", "nan", "inf", "0.5x", "1.1", "-0.1", ","}) {
    EXPECT_FALSE(parse_number("--x", bad, 0, 1).ok()) << bad;
  }
}

TEST(Numbers, BoundsThatAreNoneAreNotNamed) {
  EXPECT_EQ(parse_number("--x", "1e300", 0, HUGE_VAL).value(), 1e300);
  EXPECT_EQ(parse_number("--x", "-1", 0, HUGE_VAL).error().message,
            "--x must be a number of at least 0, not \"-1\"");
  EXPECT_EQ(parse_number("--x", "-1e300", -HUGE_VAL, HUGE_VAL).value(), -1e300);
  EXPECT_EQ(parse_number("--x", "inf", -HUGE_VAL, HUGE_VAL).error().message,
            "--x must be a number, not \"inf\"");
}

TEST(Numbers, Bytes) {
  EXPECT_EQ(parse_bytes("--size", "600M").value(), 600U << 20);
  EXPECT_EQ(parse_bytes("--size", "1.5g").value(), 3ULL << 29);
  EXPECT_EQ(parse_bytes("--size", "1048576").value(), 1U << 20);
  EXPECT_EQ(parse_bytes("--size", "1T").value(), 1ULL << 40);
  for (const char* bad : {"", "M", "0", "-1", "1Q", "1MB", "nan", "1e300T", "0.1"}) {
    EXPECT_FALSE(parse_bytes("--size", bad).ok()) << bad;
  }
}

TEST(Numbers, Lists) {
  EXPECT_EQ(parse_integers("--n", "1,20", 1, 20).value(), (std::vector<std::int64_t>{1, 20}));
  for (const char* bad : {"", "1,", ",1", "1;2", "0"}) {
    EXPECT_FALSE(parse_integers("--n", bad, 1, 20).ok()) << bad;
  }
}

TEST(Numbers, Flags) {
  EXPECT_TRUE(parse_flag("--f", "yes").value());
  EXPECT_FALSE(parse_flag("--f", "0").value());
  EXPECT_EQ(parse_flag("--f", "maybe").error().message, "--f must be true or false, not \"maybe\"");
}

TEST(Numbers, EngineOptionsTakeTheTypeOfTheirDefault) {
  const OptionSpec flag{"mmap", OptionValue(true), "", {}, 0, 0};
  EXPECT_EQ(parse_engine_option(flag, "off").value(), OptionValue(false));
  const OptionSpec integer{"batch", OptionValue(std::int64_t{1}), "", {}, 1, 8};
  EXPECT_EQ(parse_engine_option(integer, "8").value(), OptionValue(std::int64_t{8}));
  EXPECT_FALSE(parse_engine_option(integer, "9").ok());
  const OptionSpec number{"base", OptionValue(0.0), "", {}, 0, 0};
  EXPECT_EQ(parse_engine_option(number, "-2.5").value(), OptionValue(-2.5));
  const OptionSpec choice{"type", OptionValue(std::string("a")), "", {"a", "b"}, 0, 0};
  EXPECT_EQ(parse_engine_option(choice, "b").value(), OptionValue(std::string("b")));
  EXPECT_EQ(parse_engine_option(choice, "c").error().message,
            "--engine-option type must be one of a, b, not \"c\"");
  const OptionSpec text{"path", OptionValue(std::string()), "", {}, 0, 0};
  EXPECT_EQ(parse_engine_option(text, "x=y").value(), OptionValue(std::string("x=y")));
}

}  // namespace
}  // namespace tenfold
