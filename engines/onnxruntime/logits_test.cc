#include "logits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace tenfold::onnxruntime {
namespace {

TEST(Logits, ReadsRowsOfEveryType) {
  const std::uint16_t halves[] = {0x3C00, 0x4000, 0x4200, 0x4400};
  const std::uint16_t brains[] = {0x3F80, 0x4000, 0x4040, 0x4080};
  const float floats[] = {1, 2, 3, 4};
  const auto last_row = [](OnnxType type, const void* data, std::size_t bytes) {
    Logits logits(type, 2, 2);
    std::memcpy(logits.memory(), data, bytes);
    const auto row = logits.read(1, 1);
    return std::vector<float>(row.begin(), row.end());
  };
  const std::vector<float> expected{3, 4};
  EXPECT_EQ(last_row(OnnxType::float32, floats, sizeof(floats)), expected);
  EXPECT_EQ(last_row(OnnxType::float16, halves, sizeof(halves)), expected);
  EXPECT_EQ(last_row(OnnxType::bfloat16, brains, sizeof(brains)), expected);
}

}  // namespace
}  // namespace tenfold::onnxruntime
