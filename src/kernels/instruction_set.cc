#include "kernels/instruction_set.h"

namespace tenfold::kernels {
namespace {

const InstructionSet* const built[] = {
#ifdef __x86_64__
    &avx512,
    &avx2,
#endif
    &plain,
};

/// How many of `built` this processor lacks.
std::size_t missing() {
#ifdef __x86_64__
  // Every processor with AVX2 has F16C, which clang 14 cannot ask for.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 2;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                 __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni")
             ? 0
             : 1;
#else
  return 0;
#endif
}

}  // namespace

std::span<const InstructionSet* const> instruction_sets() {
  static const auto usable = std::span(built).subspan(missing());
  return usable;
}

const InstructionSet& fastest() {
  static const InstructionSet& first = *instruction_sets().front();
  return first;
}

}  // namespace tenfold::kernels
