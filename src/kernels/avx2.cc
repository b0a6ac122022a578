// AVX2 with FMA and F16C.
#ifdef __x86_64__
#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/instruction_set.h"
#include "kernels/numbers.h"
#include "kernels/places.h"

namespace tenfold::kernels {
namespace {

namespace avx2_loops {

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define LANES 8
#define WIDE 2
#define STEP 8
#include "kernels/float_loops.inc"

using Lanes = Vector;

TARGET inline void store_lanes(float* to, const Lanes& lanes) { store(to, lanes); }

TARGET inline Lanes load_lanes(const float* from) { return load(from); }

TARGET inline float sum_of(const Lanes& lanes) {
  float four[4];
  store(four, fold(lanes));
  return (four[0] + four[1]) + (four[2] + four[3]);
}

TARGET inline Lanes float_lanes(const std::byte* from) {
  Lanes lanes;
  __builtin_memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

TARGET inline __m128i load_16(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

TARGET inline Lanes half_lanes(const std::byte* from) { return _mm256_cvtph_ps(load_16(from)); }

TARGET inline Lanes brain_lanes(const std::byte* from) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_16(from)), 16));
}

template <int Bits>
TARGET inline long long eight_integers(const std::byte* from) {
  using Rest = std::conditional_t<Bits == 6, std::uint16_t, std::uint8_t>;
  if constexpr (Bits == 8) return load_as<long long>(from);
  if constexpr (Bits == 4) return load_as<std::uint32_t>(from);
  if constexpr (Bits == 2) return load_as<std::uint16_t>(from);
  if constexpr (Bits == 1) return load_as<std::uint8_t>(from);
  using Most = std::conditional_t<Bits == 3, std::uint16_t, std::uint32_t>;
  long long word = load_as<Most>(from);
  word |= static_cast<long long>(load_as<Rest>(from + sizeof(Most))) << (8 * sizeof(Most));
  asm("" : "+r"(word));  // else GCC 12 puts it together in memory, and a load waits for two stores
  return word;
}

template <int Bits>
TARGET inline __m256i packed_integers(const std::byte* from) {
  const __m256i spread = _mm256_shuffle_epi8(
      _mm256_set1_epi64x(eight_integers<Bits>(from)),
      _mm256_load_si256(reinterpret_cast<const __m256i*>(places<Bits, 8>.bytes)));
  const __m256i moved = _mm256_srlv_epi32(
      spread, _mm256_load_si256(reinterpret_cast<const __m256i*>(places<Bits, 8>.shifts)));
  return _mm256_and_si256(moved, _mm256_set1_epi32((1 << Bits) - 1));
}

template <int Bits>
TARGET inline Lanes integer_lanes(const std::byte* from, unsigned flip) {
  return _mm256_cvtepi32_ps(
      _mm256_xor_si256(packed_integers<Bits>(from), _mm256_set1_epi32(static_cast<int>(flip))));
}

template <int Bits>
TARGET inline Lanes table_lanes(const std::byte* from, const float* table) {
  const __m256i places = packed_integers<Bits>(from);
  if constexpr (Bits <= 3) return _mm256_permutevar8x32_ps(_mm256_load_ps(table), places);
  return _mm256_i32gather_ps(table, places, sizeof(float));
}

TARGET inline Lanes e2m1_lanes(const std::byte* from) {
  const __m256i codes = packed_integers<4>(from);
  const __m256 magnitudes = _mm256_permutevar8x32_ps(_mm256_setr_ps(0, 1, 2, 3, 4, 6, 8, 12),
                                                     codes);  // by the lower three bits
  const __m256i signs = _mm256_slli_epi32(_mm256_srli_epi32(codes, 3), 31);
  return _mm256_xor_ps(magnitudes, _mm256_castsi256_ps(signs));
}

#include "kernels/read_loops.inc"

using Bytes = __m256i;

TARGET inline Bytes load_block(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

TARGET inline Bytes four_times(const std::int8_t* from) {
  int four = 0;
  __builtin_memcpy(&four, from, sizeof(four));
  return _mm256_set1_epi32(four);
}

/// Blocks are of 32 columns, so none is cut.
template <int Bits>
TARGET inline Bytes integer_block(const std::byte* from, bool) {
  if constexpr (Bits == 8) {
    return load_block(from);
  } else if constexpr (Bits == 4) {
    const __m256i pairs = _mm256_cvtepu8_epi16(load_16(from));
    return _mm256_and_si256(_mm256_or_si256(pairs, _mm256_slli_epi16(pairs, 4)),
                            _mm256_set1_epi8(15));
  } else {
    const __m256i left =
        _mm256_packus_epi32(packed_integers<Bits>(from), packed_integers<Bits>(from + Bits));
    const __m256i right = _mm256_packus_epi32(packed_integers<Bits>(from + 2 * Bits),
                                              packed_integers<Bits>(from + 3 * Bits));
    return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(left, right),
                                       _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
}

TARGET inline Bytes e2m1_block(const std::byte* from, bool whole) {
  const __m256i halves = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0));
  return _mm256_shuffle_epi8(halves, integer_block<4>(from, whole));
}

/// Two products of integers above 127 don't fit into 16 bits: their lowest bits are taken apart.
template <bool wide>
TARGET inline Bytes add_products(Bytes sums, Bytes integers, Bytes x) {
  const __m256i ones = _mm256_set1_epi16(1);
  if constexpr (!wide) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(integers, x), ones));
  } else {
    const __m256i low = _mm256_and_si256(integers, _mm256_set1_epi8(1));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(integers, 1), _mm256_set1_epi8(0x7F));
    const __m256i twice = _mm256_madd_epi16(_mm256_maddubs_epi16(high, x), _mm256_set1_epi16(2));
    const __m256i once = _mm256_madd_epi16(_mm256_maddubs_epi16(low, x), ones);
    return _mm256_add_epi32(sums, _mm256_add_epi32(twice, once));
  }
}

TARGET inline Bytes every_byte(std::uint8_t bits) {
  return _mm256_set1_epi8(static_cast<char>(bits));
}

TARGET inline Vector to_vector(Bytes sums) { return _mm256_cvtepi32_ps(sums); }

TARGET inline Vector block_scales(const float* scales, std::size_t) {
  return _mm256_set1_ps(*scales);
}

TARGET inline Vector number_lanes(Number number, const std::byte* from, std::size_t count) {
  std::byte padded[32];
  if (count < LANES) {
    __builtin_memset(padded, 0, sizeof(padded));
    __builtin_memcpy(padded, from, count * bytes_of(number));
    from = padded;
  }
  switch (number) {
    case Number::f16:
      return half_lanes(from);
    case Number::bf16:
      return brain_lanes(from);
    case Number::f32:
      break;
  }
  return float_lanes(from);
}

TARGET inline Vector half_e8m0_lanes(const std::byte* from, std::size_t count) {
  std::byte padded[8];
  if (count < LANES) {
    __builtin_memset(padded, 127, sizeof(padded));
    __builtin_memcpy(padded, from, count);
    from = padded;
  }
  const __m256i exponents =
      _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
  const __m256i least = _mm256_set1_epi32(0x00400000);  // of exponent 0; with that of 255, NaN
  const __m256i scales = _mm256_max_epi32(_mm256_slli_epi32(exponents, 23), least);
  const __m256i nan =
      _mm256_and_si256(_mm256_cmpeq_epi32(exponents, _mm256_set1_epi32(255)), least);
  return _mm256_castsi256_ps(_mm256_or_si256(scales, nan)) * 0.5F;
}

#define TILE 2
#include "kernels/integer_loops.inc"
#undef TILE
#undef TARGET
#undef LANES
#undef WIDE
#undef STEP

}  // namespace avx2_loops

}  // namespace

const InstructionSet avx2 = {
    "AVX2",
    avx2_loops::multiply,
    avx2_loops::dots,
    avx2_loops::maximum,
    avx2_loops::exponentials,
    avx2_loops::soften,
    avx2_loops::sum_of_squares,
    avx2_loops::normalize,
    avx2_loops::silu_gate,
    avx2_loops::gelu_gate,
    avx2_loops::turn,
    avx2_loops::to_floats,
    avx2_loops::dot_numbers,
    avx2_loops::read,
    avx2_loops::integer_loops,
};

}  // namespace tenfold::kernels
#endif
