// AVX-512 of Ice Lake, Zen 4 and later.
#ifdef __x86_64__
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "kernels/numbers.h"

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

TARGET inline __m256i load_32(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TARGET inline Lanes half_lanes(const std::byte* from) { return _mm512_cvtph_ps(load_32(from)); }

TARGET inline Lanes brain_lanes(const std::byte* from) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_32(from)), 16));
}

/// Where sixteen packed integers are: for each the place of the two bytes that it is in, and how
/// far it is to be moved down there.
template <int Bits>
struct Places {
  alignas(64) std::uint8_t bytes[64] = {};
  alignas(64) std::uint32_t shifts[16] = {};

  constexpr Places() {
    for (int i = 0; i < 16; ++i) {
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
TARGET inline __m512i packed_integers(const std::byte* from) {
  const __m128i word = _mm_maskz_loadu_epi8(static_cast<__mmask16>((1U << (2 * Bits)) - 1), from);
  const __m512i spread =
      _mm512_permutexvar_epi8(_mm512_load_si512(places<Bits>.bytes), _mm512_zextsi128_si512(word));
  const __m512i moved = _mm512_srlv_epi32(spread, _mm512_load_si512(places<Bits>.shifts));
  return _mm512_and_si512(moved, _mm512_set1_epi32((1 << Bits) - 1));
}

template <int Bits>
TARGET inline Lanes integer_lanes(const std::byte* from) {
  return _mm512_cvtepi32_ps(packed_integers<Bits>(from));
}

TARGET inline Lanes e2m1_lanes(const std::byte* from) {
  const __m512 halves = _mm512_setr_ps(0, 1, 2, 3, 4, 6, 8, 12, -0.0F, -1, -2, -3, -4, -6, -8, -12);
  return _mm512_permutexvar_ps(packed_integers<4>(from), halves);
}

#include "kernels/read_loops.inc"
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
    avx512_loops::to_floats,
    avx512_loops::read,
};

}  // namespace tenfold::kernels
#endif
