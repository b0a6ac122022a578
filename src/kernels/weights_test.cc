#include "kernels/weights.h"

#include <gtest/gtest.h>

#include <string>

#include "kernels/testing/made_weights.h"

namespace tenfold::kernels {
namespace {

std::string wrong(const Weights& weights) {
  const auto checked = check(weights, "model.embed");
  return checked.ok() ? "" : checked.error().message;
}

TEST(Weights, WhatIsRightPasses) {
  for (const Make& make : all_forms(3, 256)) {
    EXPECT_EQ(wrong(MadeWeights(make).weights()), "") << describe(make);
  }
}

TEST(Weights, TheGroupsMustFit) {
  const MadeWeights made({Form::affine, 2, 128, 4, 64});
  Weights weights = made.weights();
  weights.columns = 96;
  EXPECT_EQ(wrong(weights),
            "the weights model.embed: 96 columns cannot be divided into groups of 64");
  weights = made.weights();
  for (const std::size_t group : {0, 16, 96}) {
    weights.group = group;
    EXPECT_NE(wrong(weights).find("which may be 32 or a multiple of 64"), std::string::npos);
  }
  weights = made.weights();
  for (const unsigned bits : {0, 1, 7, 9}) {
    weights.bits = bits;
    EXPECT_NE(wrong(weights).find("which may be 2, 3, 4, 5, 6 or 8"), std::string::npos);
  }
  const MadeWeights mxfp4({Form::mxfp4, 2, 64});
  weights = mxfp4.weights();
  weights.columns = 48;
  EXPECT_EQ(wrong(weights),
            "the weights model.embed: 48 columns cannot be divided into groups of 32");
}

TEST(Weights, TheMemoryMustBeThatOfTheSizes) {
  for (const Make& make : all_forms(3, 64)) {
    const MadeWeights made(make);
    for (auto part : {&Weights::data, &Weights::scales, &Weights::biases}) {
      Weights weights = made.weights();
      if ((weights.*part).empty()) {
        weights.*part = made.weights().data;
      } else {
        weights.*part = (weights.*part).first((weights.*part).size() - 1);
      }
      EXPECT_NE(wrong(weights).find("bytes "), std::string::npos) << describe(make);
    }
  }
}

TEST(Weights, APaletteHasTablesForAllRows) {
  const MadeWeights made({Form::palette, 6, 32, 4, 0, Number::f16, false, 3});
  EXPECT_EQ(wrong(made.weights()), "");
  Weights weights = made.weights();
  weights.scales = weights.scales.first(2 * 32);
  EXPECT_EQ(wrong(weights), "");
  weights.scales = made.weights().scales.first(33);
  EXPECT_NE(wrong(weights).find("33 bytes are no tables of 16 numbers"), std::string::npos);
  weights.scales = {};
  EXPECT_NE(wrong(weights).find("0 bytes are no tables"), std::string::npos);
  weights = made.weights();
  weights.bits = 5;
  EXPECT_NE(wrong(weights).find("which may be 1, 2, 3, 4, 6 or 8"), std::string::npos);
  weights = made.weights();
  weights.columns = 40;
  EXPECT_NE(wrong(weights).find("must be a multiple of 32"), std::string::npos);
}

TEST(Weights, SizesBeyondMemoryAreRefused) {
  const MadeWeights made({Form::f32, 1, 32});
  Weights weights = made.weights();
  weights.rows = 0;
  EXPECT_EQ(wrong(weights), "the weights model.embed: 0 rows of 32 columns");
  weights.rows = std::size_t{1} << 62U;
  EXPECT_NE(wrong(weights).find("are more than"), std::string::npos);
}

}  // namespace
}  // namespace tenfold::kernels
