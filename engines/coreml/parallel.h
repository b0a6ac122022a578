// Loops over tensors, shared by threads where there is enough to do.
#pragma once

#include <cstdint>

#include "loops.h"
#include "operator.h"

namespace tenfold::coreml {

/// for_runs(), in parts of the outermost dimension that has several. `work` does not throw.
template <std::size_t tensors, typename WorkOfRun>
void for_parts(Machine& machine, const Dims& shape, const std::array<Dims, tensors>& strides,
               const WorkOfRun& work) {
  constexpr std::int64_t part_numbers = 16 * 1024;
  const std::int64_t count = count_of(shape);
  std::size_t axis = 0;
  while (axis < shape.size() && shape[axis] == 1) ++axis;
  if (count < 2 * part_numbers || axis == shape.size() || machine.threads.size() == 1) {
    return for_runs<tensors>(shape, strides, work);
  }
  const std::int64_t size = shape[axis];
  const std::int64_t each = std::max<std::int64_t>(part_numbers / (count / size), 1);
  const std::int64_t parts = (size + each - 1) / each;
  machine.threads.run(static_cast<std::size_t>(parts), [&](std::size_t part, std::size_t) {
    const std::int64_t first = static_cast<std::int64_t>(part) * each;
    Dims some = shape;
    some[axis] = std::min(each, size - first);
    for_runs<tensors>(some, strides, [&](const Run<tensors>& run) {
      Run<tensors> moved = run;
      for (std::size_t t = 0; t < tensors; ++t) moved.offsets[t] += first * strides[t][axis];
      work(moved);
    });
  });
}

}  // namespace tenfold::coreml
