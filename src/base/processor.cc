#include "base/processor.h"

namespace tenfold {

std::vector<std::string> processor_levels() {
#ifdef __x86_64__
  // Of each level what tells it apart on processors that exist, and clang 14 can ask for.
  std::vector<std::string> levels{"x86-64"};
  const auto add = [&](const char* level, bool has_it) {
    if (has_it) levels.insert(levels.begin(), level);
    return has_it;
  };
  if (add("x86-64-v2", __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) &&
      add("x86-64-v3", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                           __builtin_cpu_supports("bmi2")) &&
      add("x86-64-v4", __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512cd") &&
                           __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512vl"))) {
    add("x86-64-v4-vnni", __builtin_cpu_supports("avx512vnni"));
  }
  return levels;
#else
  return {"aarch64"};
#endif
}

}  // namespace tenfold
