#include "logits.h"

#include <bit>
#include <cmath>
#include <limits>

namespace tenfold::onnxruntime {

float float_from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const auto fraction = static_cast<float>(bits & 0x3FF);
  float value = 0;
  if (exponent == 0x1F) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity()
                          : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits & 0x8000) == 0 ? value : -value;
}

Logits::Logits(OnnxType type, std::size_t rows, std::size_t vocabulary)
    : type_(type), vocabulary_(vocabulary) {
  if (type == OnnxType::float32) {
    floats_ = std::make_unique_for_overwrite<float[]>(rows * vocabulary);
  } else {
    halves_ = std::make_unique_for_overwrite<std::uint16_t[]>(rows * vocabulary);
  }
}

std::span<const float> Logits::read(std::size_t first_row, std::size_t count) {
  const std::size_t start = first_row * vocabulary_;
  const std::size_t size = count * vocabulary_;
  if (type_ == OnnxType::float32) return {floats_.get() + start, size};
  converted_.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint16_t bits = halves_[start + i];
    converted_[i] = type_ == OnnxType::float16
                        ? float_from_half(bits)
                        : std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
  }
  return converted_;
}

}  // namespace tenfold::onnxruntime
