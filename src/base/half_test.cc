#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tenfold {
namespace {

TEST(Half, ConvertsEveryKindOfNumber) {
  EXPECT_EQ(float_from_half(0x0000), 0.0F);
  EXPECT_TRUE(std::signbit(float_from_half(0x8000)));
  EXPECT_EQ(float_from_half(0x3C00), 1.0F);
  EXPECT_EQ(float_from_half(0xC500), -5.0F);
  EXPECT_EQ(float_from_half(0x3555), 0.333251953125F);
  EXPECT_EQ(float_from_half(0x7BFF), 65504.0F);
  EXPECT_EQ(float_from_half(0x0400), std::ldexp(1.0F, -14));
  EXPECT_EQ(float_from_half(0x7C00), INFINITY);
  EXPECT_EQ(float_from_half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(float_from_half(0x03FF), std::ldexp(1023.0F, -24));
  EXPECT_EQ(float_from_half(0xFC00), -INFINITY);
  EXPECT_TRUE(std::isnan(float_from_half(0x7C01)));
  for (int bits = 0; bits < 0x7C00; ++bits) {  // each finite magnitude, by the definition
    const int exponent = bits >> 10;
    const auto fraction = static_cast<float>(bits & 0x3FF);
    const float expected =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(float_from_half(static_cast<std::uint16_t>(bits)), expected) << bits;
  }
  EXPECT_EQ(float_from_brain(0x4040), 3.0F);
  EXPECT_EQ(float_from_brain(0xFF80), -INFINITY);
}

TEST(Half, RoundsToTheNearest) {
  for (int bits = 0; bits < 0x7C00; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float here = float_from_half(half);
    ASSERT_EQ(half_from_float(here), half);
    ASSERT_EQ(half_from_float(-here), half | 0x8000);
    if (bits == 0x7BFF) break;
    const auto even = static_cast<std::uint16_t>(bits % 2 == 0 ? bits : bits + 1);
    const float between = (here + float_from_half(static_cast<std::uint16_t>(bits + 1))) / 2;
    ASSERT_EQ(half_from_float(between), even) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(between, 0.0F)), half) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(between, 1e9F)), half + 1) << bits;
  }
  EXPECT_EQ(half_from_float(65519.0F), 0x7BFF);
  EXPECT_EQ(half_from_float(65520.0F), 0x7C00);
  EXPECT_EQ(half_from_float(-INFINITY), 0xFC00);
  EXPECT_TRUE(std::isnan(float_from_half(half_from_float(-NAN))));
  EXPECT_EQ(brain_from_float(3.0F), 0x4040);
  EXPECT_EQ(brain_from_float(1.00390625F), 0x3F80);  // half way, to the even one
  EXPECT_EQ(brain_from_float(1.01171875F), 0x3F82);
  EXPECT_EQ(brain_from_float(std::nextafter(1.00390625F, 2.0F)), 0x3F81);
  EXPECT_EQ(brain_from_float(-3.4e38F), 0xFF80);
  EXPECT_TRUE(std::isnan(float_from_brain(brain_from_float(NAN))));
}

}  // namespace
}  // namespace tenfold
