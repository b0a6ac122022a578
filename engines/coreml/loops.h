// Walks over tensors of one shape and different strides, as few and as long runs as there can be.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "dims.h"

namespace tenfold::coreml {

/// Elements beside each other in the innermost dimension, for each of the tensors.
template <std::size_t tensors>
struct Run {
  std::array<std::int64_t, tensors> offsets{};  ///< in elements
  std::array<std::int64_t, tensors> strides{};
  std::int64_t count = 1;
};

/// Calls work(run) until all elements were visited, row by row. Dimensions that all tensors have
/// without a gap between become one.
template <std::size_t tensors, typename Work>
void for_runs(const Dims& shape, const std::array<Dims, tensors>& strides, const Work& work) {
  Dims sizes;
  std::array<Dims, tensors> steps;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return;
    if (shape[i] == 1) continue;
    bool joins = !sizes.empty();
    for (std::size_t t = 0; joins && t < tensors; ++t) {
      joins = steps[t].back() == strides[t][i] * shape[i];
    }
    if (joins) {
      sizes.back() *= shape[i];
      for (std::size_t t = 0; t < tensors; ++t) steps[t].back() = strides[t][i];
    } else {
      sizes.push_back(shape[i]);
      for (std::size_t t = 0; t < tensors; ++t) steps[t].push_back(strides[t][i]);
    }
  }
  Run<tensors> run;
  if (sizes.empty()) return work(run);
  run.count = sizes.back();
  for (std::size_t t = 0; t < tensors; ++t) run.strides[t] = steps[t].back();
  const std::size_t outer = sizes.size() - 1;
  Dims place(outer, 0);
  while (true) {
    work(run);
    std::size_t i = outer;
    while (i-- > 0) {
      for (std::size_t t = 0; t < tensors; ++t) run.offsets[t] += steps[t][i];
      if (++place[i] < sizes[i]) break;
      for (std::size_t t = 0; t < tensors; ++t) run.offsets[t] -= sizes[i] * steps[t][i];
      place[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return;
  }
}

/// A float as an integer, towards zero; the nearest there is where it has none, 0 for NaN.
inline std::int32_t cut_off(float value) {
  if (std::isnan(value)) return 0;
  constexpr float end = 2147483648.0F;
  if (value >= end) return std::numeric_limits<std::int32_t>::max();
  if (value < -end) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(value);
}

}  // namespace tenfold::coreml
