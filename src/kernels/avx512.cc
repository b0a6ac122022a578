// AVX-512 of Ice Lake, Zen 4 and later.
#ifdef __x86_64__
#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "kernels/numbers.h"
#include "kernels/places.h"

namespace tenfold::kernels {
namespace {

namespace avx512_loops {

#define TARGET \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,fma,f16c")))
#define LANES 16
#define WIDE 4
#define STEP 16
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

TARGET inline __m256i load_32(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TARGET inline Lanes half_lanes(const std::byte* from) { return _mm512_cvtph_ps(load_32(from)); }

TARGET inline Lanes brain_lanes(const std::byte* from) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_32(from)), 16));
}

template <int Bits>
TARGET inline __m512i packed_integers(const std::byte* from) {
  const __m128i word = _mm_maskz_loadu_epi8(static_cast<__mmask16>((1U << (2 * Bits)) - 1), from);
  const __m512i spread = _mm512_permutexvar_epi8(_mm512_load_si512(places<Bits, 16>.bytes),
                                                 _mm512_zextsi128_si512(word));
  const __m512i moved = _mm512_srlv_epi32(spread, _mm512_load_si512(places<Bits, 16>.shifts));
  return _mm512_and_si512(moved, _mm512_set1_epi32((1 << Bits) - 1));
}

template <int Bits>
TARGET inline Lanes integer_lanes(const std::byte* from, unsigned flip) {
  return _mm512_cvtepi32_ps(
      _mm512_xor_si512(packed_integers<Bits>(from), _mm512_set1_epi32(static_cast<int>(flip))));
}

template <int Bits>
TARGET inline Lanes table_lanes(const std::byte* from, const float* table) {
  const __m512i places = packed_integers<Bits>(from);
  if constexpr (Bits <= 4) return _mm512_permutexvar_ps(places, _mm512_load_ps(table));
  return _mm512_i32gather_ps(places, table, sizeof(float));
}

TARGET inline Lanes e2m1_lanes(const std::byte* from) {
  const __m512 halves = _mm512_setr_ps(0, 1, 2, 3, 4, 6, 8, 12, -0.0F, -1, -2, -3, -4, -6, -8, -12);
  return _mm512_permutexvar_ps(packed_integers<4>(from), halves);
}

#include "kernels/read_loops.inc"

using Bytes = __m512i;

TARGET inline Bytes load_block(const void* from) { return _mm512_loadu_si512(from); }

TARGET inline Bytes four_times(const std::int8_t* from) {
  int four = 0;
  __builtin_memcpy(&four, from, sizeof(four));
  return _mm512_set1_epi32(four);
}

/// Where 64 packed integers are: for each eight of them the bytes that they are in, and how far
/// each is to be moved down there.
template <int Bits>
struct BlockPlaces {
  alignas(64) std::uint8_t bytes[64] = {};
  alignas(64) std::uint8_t shifts[64] = {};

  constexpr BlockPlaces() {
    for (int i = 0; i < 64; ++i) {
      bytes[i] = static_cast<std::uint8_t>(i / 8 * Bits + i % 8 % Bits);
      shifts[i] = static_cast<std::uint8_t>(i % 8 * Bits);
    }
  }
};
template <int Bits>
constexpr BlockPlaces<Bits> block_places;

template <int Bits>
TARGET inline Bytes integer_block(const std::byte* from, bool whole) {
  constexpr int bytes = 8 * Bits;
  const __m512i packed =
      _mm512_maskz_loadu_epi8(~__mmask64{0} >> (whole ? 64 - bytes : 64 - bytes / 2), from);
  if constexpr (Bits == 8) {
    return packed;
  } else {
    const __m512i spread =
        _mm512_permutexvar_epi8(_mm512_load_si512(block_places<Bits>.bytes), packed);
    return _mm512_and_si512(
        _mm512_multishift_epi64_epi8(_mm512_load_si512(block_places<Bits>.shifts), spread),
        _mm512_set1_epi8((1 << Bits) - 1));
  }
}

TARGET inline Bytes e2m1_block(const std::byte* from, bool whole) {
  const __m512i halves = _mm512_broadcast_i32x4(
      _mm_setr_epi8(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0));
  return _mm512_shuffle_epi8(halves, integer_block<4>(from, whole));
}

template <bool wide>
TARGET inline Bytes add_products(Bytes sums, Bytes integers, Bytes x) {
  return _mm512_dpbusd_epi32(sums, integers, x);
}

TARGET inline Bytes every_byte(std::uint8_t bits) {
  return _mm512_set1_epi8(static_cast<char>(bits));
}

TARGET inline Vector to_vector(Bytes sums) { return _mm512_cvtepi32_ps(sums); }

TARGET inline Vector block_scales(const float* scales, std::size_t group) {
  const __m512 first = _mm512_set1_ps(*scales);
  return group == 64 ? first : _mm512_mask_mov_ps(first, 0xFF00, _mm512_set1_ps(scales[1]));
}

TARGET inline Vector number_lanes(Number number, const std::byte* from, std::size_t count) {
  const auto there = static_cast<__mmask16>((1U << count) - 1);
  if (number == Number::f32) return _mm512_maskz_loadu_ps(there, from);
  const __m256i numbers = _mm256_maskz_loadu_epi16(there, from);
  if (number == Number::f16) return _mm512_cvtph_ps(numbers);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16));
}

TARGET inline Vector half_e8m0_lanes(const std::byte* from, std::size_t count) {
  const auto there = static_cast<__mmask16>((1U << count) - 1);
  const __m512i exponents =
      _mm512_cvtepu8_epi32(_mm_mask_loadu_epi8(_mm_set1_epi8(127), there, from));
  const __m512i least = _mm512_set1_epi32(0x00400000);  // of exponent 0; with that of 255, NaN
  const __m512i scales = _mm512_max_epi32(_mm512_slli_epi32(exponents, 23), least);
  const __mmask16 nan = _mm512_cmpeq_epi32_mask(exponents, _mm512_set1_epi32(255));
  return _mm512_castsi512_ps(_mm512_mask_or_epi32(scales, nan, scales, least)) * 0.5F;
}

#define TILE 6
#include "kernels/integer_loops.inc"
#undef TILE
#undef TARGET
#undef LANES
#undef WIDE
#undef STEP

}  // namespace avx512_loops

}  // namespace

const InstructionSet avx512 = {
    "AVX-512",
    avx512_loops::multiply,
    avx512_loops::dots,
    avx512_loops::maximum,
    avx512_loops::exponentials,
    avx512_loops::soften,
    avx512_loops::sum_of_squares,
    avx512_loops::normalize,
    avx512_loops::silu_gate,
    avx512_loops::gelu_gate,
    avx512_loops::turn,
    avx512_loops::to_floats,
    avx512_loops::dot_numbers,
    avx512_loops::read,
    avx512_loops::integer_loops,
};

}  // namespace tenfold::kernels
#endif
