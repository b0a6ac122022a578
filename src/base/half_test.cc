#include "base/half.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Half, ConvertsEveryKindOfNumber) {
  EXPECT_EQ(float_from_half(0x0000), 0.0F);
  EXPECT_TRUE(std::signbit(float_from_half(0x8000)));
  EXPECT_EQ(float_from_half(0x3C00), 1.0F);
  EXPECT_EQ(float_from_half(0xC500), -5.0F);
  EXPECT_EQ(float_from_half(0x3555), 0.333251953125F);
  EXPECT_EQ(float_from_half(0x7BFF), 65504.0F);
  EXPECT_EQ(float_from_half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(float_from_half(0x03FF), std::ldexp(1023.0F, -24));
  EXPECT_EQ(float_from_half(0xFC00), -INFINITY);
  EXPECT_TRUE(std::isnan(float_from_half(0x7C01)));
  EXPECT_EQ(float_from_brain(0x4040), 3.0F);
  EXPECT_EQ(float_from_brain(0xFF80), -INFINITY);
}

}  // namespace
}  // namespace tenfold
