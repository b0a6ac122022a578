// Where packed integers are, for the instruction sets that move bytes by tables.
#pragma once

#include <cstdint>

namespace tenfold::kernels {

/// Of `Count` neighbours of so many bits: for each the place of the two bytes that it is in, and
/// how far it is to be moved down there.
template <int Bits, int Count>
struct Places {
  alignas(64) std::uint8_t bytes[4 * Count] = {};
  alignas(64) std::uint32_t shifts[Count] = {};

  constexpr Places() {
    for (int i = 0; i < Count; ++i) {
      for (int j = 0; j < 4; ++j) {
        bytes[4 * i + j] = static_cast<std::uint8_t>(i * Bits / 8 + (j == 1 ? 1 : 0));
      }
      shifts[i] = static_cast<std::uint32_t>(i * Bits % 8);
    }
  }
};

template <int Bits, int Count>
constexpr Places<Bits, Count> places;

}  // namespace tenfold::kernels
