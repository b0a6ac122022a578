// AVX2 with FMA and F16C.
#ifdef __x86_64__
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "kernels/numbers.h"

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

TARGET inline __m128i load_16(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

TARGET inline Lanes half_lanes(const std::byte* from) { return _mm256_cvtph_ps(load_16(from)); }

TARGET inline Lanes brain_lanes(const std::byte* from) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_16(from)), 16));
}

/// Where eight packed integers are: for each the place of the two bytes that it is in, and how far
/// it is to be moved down there.
template <int Bits>
struct Places {
  alignas(32) std::uint8_t bytes[32] = {};
  alignas(32) std::uint32_t shifts[8] = {};

  constexpr Places() {
    for (int i = 0; i < 8; ++i) {
      for (int j = 0; j < 4; ++j) {
        bytes[4 * i + j] = static_cast<std::uint8_t>(i * Bits / 8 + (j == 1 ? 1 : 0));
      }
      shifts[i] = static_cast<std::uint32_t>(i * Bits % 8);
    }
  }
};
template <int Bits>
constexpr Places<Bits> places;

template <int Bits>
TARGET inline __m256i packed_integers(const std::byte* from) {
  long long word = 0;
  __builtin_memcpy(&word, from, Bits);
  const __m256i spread =
      _mm256_shuffle_epi8(_mm256_set1_epi64x(word),
                          _mm256_load_si256(reinterpret_cast<const __m256i*>(places<Bits>.bytes)));
  const __m256i moved = _mm256_srlv_epi32(
      spread, _mm256_load_si256(reinterpret_cast<const __m256i*>(places<Bits>.shifts)));
  return _mm256_and_si256(moved, _mm256_set1_epi32((1 << Bits) - 1));
}

template <int Bits>
TARGET inline Lanes integer_lanes(const std::byte* from) {
  return _mm256_cvtepi32_ps(packed_integers<Bits>(from));
}

TARGET inline Lanes e2m1_lanes(const std::byte* from) {
  const __m256i codes = packed_integers<4>(from);
  const __m256 magnitudes = _mm256_permutevar8x32_ps(_mm256_setr_ps(0, 1, 2, 3, 4, 6, 8, 12),
                                                     codes);  // by the lower three bits
  const __m256i signs = _mm256_slli_epi32(_mm256_srli_epi32(codes, 3), 31);
  return _mm256_xor_ps(magnitudes, _mm256_castsi256_ps(signs));
}

#include "kernels/read_loops.inc"
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
    avx2_loops::to_floats,
    avx2_loops::read,
};

}  // namespace tenfold::kernels
#endif
