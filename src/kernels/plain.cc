// What every processor can do.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/instruction_set.h"
#include "kernels/numbers.h"

namespace tenfold::kernels {
namespace {

namespace plain_loops {

#define TARGET
#define LANES 4  // of floats, which are in the base of x86-64 and of ARMv8
#define WIDE 2
#define STEP 8
#include "kernels/float_loops.inc"

struct Lanes {
  float numbers[STEP];
};

inline void store_lanes(float* to, const Lanes& lanes) { store(to, lanes); }

inline Lanes operator*(Lanes lanes, float factor) {
  for (float& number : lanes.numbers) number *= factor;
  return lanes;
}

inline Lanes operator+(Lanes lanes, float addend) {
  for (float& number : lanes.numbers) number += addend;
  return lanes;
}

inline Lanes operator*(Lanes lanes, const Lanes& factors) {
  for (std::size_t i = 0; i < STEP; ++i) lanes.numbers[i] *= factors.numbers[i];
  return lanes;
}

inline Lanes operator+(Lanes lanes, const Lanes& addends) {
  for (std::size_t i = 0; i < STEP; ++i) lanes.numbers[i] += addends.numbers[i];
  return lanes;
}

inline Lanes load_lanes(const float* from) {
  Lanes lanes;
  std::memcpy(lanes.numbers, from, sizeof(lanes));
  return lanes;
}

inline float sum_of(const Lanes& lanes) {
  float sum = 0;
  for (const float number : lanes.numbers) sum += number;
  return sum;
}

inline Lanes float_lanes(const std::byte* from) {
  Lanes lanes;
  std::memcpy(lanes.numbers, from, sizeof(lanes));
  return lanes;
}

inline Lanes half_lanes(const std::byte* from) {
  Lanes lanes;
  for (std::size_t i = 0; i < STEP; ++i) lanes.numbers[i] = number_at(Number::f16, from, i);
  return lanes;
}

inline Lanes brain_lanes(const std::byte* from) {
  Lanes lanes;
  for (std::size_t i = 0; i < STEP; ++i) lanes.numbers[i] = number_at(Number::bf16, from, i);
  return lanes;
}

template <int Bits>
inline std::uint64_t packed(const std::byte* from) {
  std::uint64_t integers = 0;
  for (unsigned i = 0; i < Bits; ++i) integers |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  return integers;
}

template <int Bits>
inline Lanes table_lanes(const std::byte* from, const float* table) {
  const std::uint64_t places = packed<Bits>(from);
  Lanes lanes;
  for (unsigned i = 0; i < STEP; ++i) {
    lanes.numbers[i] = table[(places >> (i * Bits)) & ((1U << Bits) - 1)];
  }
  return lanes;
}

template <int Bits>
inline Lanes integer_lanes(const std::byte* from, unsigned flip) {
  const std::uint64_t integers = packed<Bits>(from);
  Lanes lanes;
  for (unsigned i = 0; i < STEP; ++i) {
    lanes.numbers[i] = static_cast<float>(((integers >> (i * Bits)) & ((1U << Bits) - 1)) ^ flip);
  }
  return lanes;
}

inline Lanes e2m1_lanes(const std::byte* from) {
  const std::uint64_t codes = packed<4>(from);
  Lanes lanes;
  for (unsigned i = 0; i < STEP; ++i) lanes.numbers[i] = e2m1_halves[(codes >> (4 * i)) & 15U];
  return lanes;
}

#include "kernels/read_loops.inc"
#undef TARGET
#undef LANES
#undef WIDE
#undef STEP

}  // namespace plain_loops

}  // namespace

const InstructionSet plain = {
    "plain",
    plain_loops::multiply,
    plain_loops::dots,
    plain_loops::maximum,
    plain_loops::exponentials,
    plain_loops::soften,
    plain_loops::sum_of_squares,
    plain_loops::normalize,
    plain_loops::silu_gate,
    plain_loops::gelu_gate,
    plain_loops::turn,
    plain_loops::to_floats,
    plain_loops::dot_numbers,
    plain_loops::read,
    [](const Weights&) -> const IntegerLoops* { return nullptr; },
};

}  // namespace tenfold::kernels
