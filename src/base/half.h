// Floating point numbers of 16 bits.
#pragma once

#include <bit>
#include <cstdint>

namespace tenfold {

/// IEEE 754 binary16 to binary32; exact. Without branches, so that loops of it become vector code:
/// the bits moved to binary32's places stand for a number that is 2^112 times too small.
inline float float_from_half(std::uint16_t bits) {
  const auto magnitude = static_cast<std::uint32_t>(bits & 0x7FFFU) << 13U;
  const std::uint32_t special = (bits & 0x7C00U) == 0x7C00U ? 0x7F800000U : 0U;
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112F;
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special | sign);
}

/// bfloat16, the upper half of a binary32.
inline float float_from_brain(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

}  // namespace tenfold
