#include "llm_ops/kernels.h"

#include <cstdint>

namespace tenfold::executorch {
namespace {

namespace plain {  // four floats at a time are in the base of x86-64 and of ARMv8
#define TARGET
#define LANES 4
#define WIDE 2
#include "llm_ops/kernels_body.inc"
#undef TARGET
#undef LANES
#undef WIDE
}  // namespace plain

#ifdef __x86_64__
namespace avx2 {
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define WIDE 2
#include "llm_ops/kernels_body.inc"
#undef TARGET
#undef LANES
#undef WIDE
}  // namespace avx2

namespace avx512 {
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define LANES 16
#define WIDE 4
#include "llm_ops/kernels_body.inc"
#undef TARGET
#undef LANES
#undef WIDE
}  // namespace avx512
#endif

const Kernels built[] = {
#ifdef __x86_64__
    {"AVX-512", avx512::multiply, avx512::dots, avx512::maximum, avx512::exponentials},
    {"AVX2", avx2::multiply, avx2::dots, avx2::maximum, avx2::exponentials},
#endif
    {"plain", plain::multiply, plain::dots, plain::maximum, plain::exponentials},
};

/// How many of `built` this processor lacks.
std::size_t missing() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return 0;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 2;
#else
  return 0;
#endif
}

}  // namespace

std::span<const Kernels> all_kernels() {
  static const std::span<const Kernels> usable = std::span(built).subspan(missing());
  return usable;
}

const Kernels& kernels() { return all_kernels().front(); }

}  // namespace tenfold::executorch
