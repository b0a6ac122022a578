// Single numbers as they lie in memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/half.h"
#include "kernels/weights.h"

namespace tenfold::kernels {

/// What lies at `from`, which need not be aligned.
template <typename T>
inline T load_as(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// Number `index` of those at `from`, in f32.
inline float number_at(Number number, const std::byte* from, std::size_t index) {
  switch (number) {
    case Number::f16:
      return float_from_half(load_as<std::uint16_t>(from + 2 * index));
    case Number::bf16:
      return float_from_brain(load_as<std::uint16_t>(from + 2 * index));
    case Number::f32:
      break;
  }
  return load_as<float>(from + 4 * index);
}

/// A scale of mxfp4.
inline float float_from_e8m0(std::byte scale) {
  const auto exponent = static_cast<std::uint32_t>(scale);
  if (exponent == 0xFF) return std::bit_cast<float>(0x7FC00000U);
  return std::bit_cast<float>(exponent == 0 ? 0x00400000U : exponent << 23U);
}

/// What the codes of e2m1 stand for, as halves.
constexpr std::int8_t e2m1_halves[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

}  // namespace tenfold::kernels
