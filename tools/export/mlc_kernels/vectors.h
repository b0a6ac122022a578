// Vectors as wide as the processor's, which the compiler's own vector types make of one source.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mlc {

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
constexpr int kLanes = 16;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

#if defined(__aarch64__)
using Half = __fp16;  // GCC 12 has no other name for it there
#else
using Half = _Float16;
#endif
using Floats = float __attribute__((vector_size(kLanes * 4)));
using Ints = std::int32_t __attribute__((vector_size(kLanes * 4)));
using Bytes = std::uint8_t __attribute__((vector_size(kLanes * 4)));
using SignedBytes = std::int8_t __attribute__((vector_size(kLanes * 4)));
using FewBytes = std::int8_t __attribute__((vector_size(kLanes)));

/// A vector whose lane i is of(i); a constant if that is one, as no lane is written after another.
template <class V, class Of, int... i>
inline V lanes_of(const Of& of, std::integer_sequence<int, i...>) {
  return V{static_cast<std::decay_t<decltype(V{}[0])>>(of(i))...};
}
template <class Of>
inline Ints lanes(const Of& of) {
  return lanes_of<Ints>(of, std::make_integer_sequence<int, kLanes>());
}

template <class V>
inline V load_as(const void* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class V>
inline void store_as(void* to, V v) {
  std::memcpy(to, &v, sizeof v);
}

inline Floats all(float x) { return Floats{} + x; }

inline Floats load(const float* from) { return load_as<Floats>(from); }

inline Floats load(const Half* from) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_cvtph_ps(load_as<__m256i>(from)));
#elif defined(__F16C__) && defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_cvtph_ps(load_as<__m128i>(from)));
#else
  Floats v;
  for (int i = 0; i < kLanes; ++i) v[i] = static_cast<float>(from[i]);
  return v;
#endif
}

inline void store(float* to, Floats v) { store_as(to, v); }

inline void store(Half* to, Floats v) {
#if defined(__AVX512F__)
  store_as(to, _mm512_cvtps_ph(reinterpret_cast<__m512>(v), _MM_FROUND_TO_NEAREST_INT));
#elif defined(__F16C__) && defined(__AVX2__)
  store_as(to, _mm256_cvtps_ph(reinterpret_cast<__m256>(v), _MM_FROUND_TO_NEAREST_INT));
#else
  for (int i = 0; i < kLanes; ++i) to[i] = static_cast<Half>(v[i]);
#endif
}

/// The first `count` lanes; the others are 0.
template <class T>
inline Floats load_first(const T* from, std::int64_t count) {
  T few[kLanes] = {};
  std::memcpy(few, from, static_cast<std::size_t>(count) * sizeof(T));
  return load(few);
}

/// The first `count` of at most kLanes / 4 numbers, each in four lanes; the other lanes are 0.
#if defined(__AVX512F__)
inline Floats in_four_lanes(__m128 numbers) {
  const __m512i places = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
  return reinterpret_cast<Floats>(_mm512_permutexvar_ps(places, _mm512_castps128_ps512(numbers)));
}
inline Floats each_four(const float* from, std::int64_t count = 4) {
  return in_four_lanes(_mm_maskz_loadu_ps(static_cast<__mmask8>((1U << count) - 1U), from));
}
inline Floats each_four(const Half* from, std::int64_t count = 4) {
  const auto mask = static_cast<__mmask8>((1U << count) - 1U);
  return in_four_lanes(_mm_cvtph_ps(_mm_maskz_loadu_epi16(mask, from)));
}
#else
template <class T>
inline Floats each_four(const T* from, std::int64_t count = kLanes / 4) {
  const auto first = static_cast<float>(from[0]);
  if constexpr (kLanes == 4) return all(first);
  const float second = count > 1 ? static_cast<float>(from[1]) : 0.0F;
  return lanes([](int i) { return i < 4 ? -1 : 0; }) ? all(first) : all(second);
}
#endif

/// The first `count` words; the other lanes are 0.
inline Ints words_first(const std::uint32_t* from, std::int64_t count) {
#if defined(__AVX512F__)
  const auto mask = static_cast<__mmask16>((1U << count) - 1U);
  return reinterpret_cast<Ints>(_mm512_maskz_loadu_epi32(mask, from));
#else
  Ints v{};
  std::memcpy(&v, from, static_cast<std::size_t>(count) * 4);
  return v;
#endif
}

inline Floats greater(Floats a, Floats b) { return a > b ? a : b; }

/// One of log2(kLanes) steps by which a vector of vectors' sums comes about: lanes whose number has
/// the bit `kStep` are of b, the others of a; each is added to the lane that differs in that bit.
template <int kStep>
inline Floats fold(Floats a, Floats b) {
  const auto of_b = [](int i) { return (i & kStep) != 0 ? kLanes : 0; };
  const Ints own = lanes([&](int i) { return of_b(i) + i; });
  const Ints other = lanes([&](int i) { return of_b(i) + (i ^ kStep); });
  return __builtin_shuffle(a, b, own) + __builtin_shuffle(a, b, other);
}

/// Lane i is the sum of the lanes of v[i], for kLanes vectors.
inline Floats sums_of(Floats* v) {
  if constexpr (kLanes == 16) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) v[i] = fold<8>(v[i], v[i + 8]);
  }
  if constexpr (kLanes >= 8) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) v[i] = fold<4>(v[i], v[i + 4]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) v[i] = fold<2>(v[i], v[i + 2]);
  return fold<1>(v[0], v[1]);
}

/// All lanes as one, by a function of two.
template <int kWidth = kLanes / 2, class Join>
inline float joined(Floats v, const Join& join) {
  const Floats half = join(v, __builtin_shuffle(v, lanes([](int i) { return i ^ kWidth; })));
  if constexpr (kWidth > 1) {
    return joined<kWidth / 2>(half, join);
  } else {
    return half[0];
  }
}

inline float sum(Floats v) {
  return joined(v, [](Floats a, Floats b) { return a + b; });
}

inline float greatest(Floats v) { return joined(v, greater); }

/// Adds to each lane of `total` the four products of its bytes; `a` is 15 at most.
inline Ints dot(Ints total, Bytes a, SignedBytes b) {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  return reinterpret_cast<Ints>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(total),
                                                    reinterpret_cast<__m512i>(a),
                                                    reinterpret_cast<__m512i>(b)));
#elif defined(__AVX512BW__) && defined(__AVX512VL__)
  const __m512i pairs =
      _mm512_maddubs_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b));
  return total + reinterpret_cast<Ints>(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#elif defined(__AVXVNNI__) && defined(__FMA__)
  return reinterpret_cast<Ints>(_mm256_dpbusd_avx_epi32(reinterpret_cast<__m256i>(total),
                                                        reinterpret_cast<__m256i>(a),
                                                        reinterpret_cast<__m256i>(b)));
#elif defined(__AVX2__) && defined(__FMA__)
  const __m256i pairs =
      _mm256_maddubs_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b));
  return total + reinterpret_cast<Ints>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#elif defined(__SSSE3__)
  const __m128i pairs =
      _mm_maddubs_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b));
  return total + reinterpret_cast<Ints>(_mm_madd_epi16(pairs, _mm_set1_epi16(1)));
#else
  for (int i = 0; i < kLanes * 4; ++i) total[i / 4] += a[i] * b[i];
  return total;
#endif
}

/// Nearest whole numbers, for |v| < 2^22.
inline Ints nearest(Floats v) {
  const Floats shifted = v + 12582912.0F;
  return reinterpret_cast<Ints>(shifted) - reinterpret_cast<Ints>(all(12582912.0F));
}

/// 2^x; 0 below -126. Relative error 2e-7: Taylor's series of 2^f for |f| <= 1/2.
inline Floats exp2(Floats x) {
  const Ints whole = nearest(greater(x, all(-127.0F)));
  const Floats f = greater(x, all(-127.0F)) - __builtin_convertvector(whole, Floats);
  Floats y = f * 1.5403530e-4F + 1.3333558e-3F;
  y = y * f + 9.6181291e-3F;
  y = y * f + 5.5504109e-2F;
  y = y * f + 2.4022651e-1F;
  y = y * f + 6.9314718e-1F;
  y = y * f + 1.0F;
  return reinterpret_cast<Floats>((whole + 127) << 23) * y;
}

}  // namespace mlc
