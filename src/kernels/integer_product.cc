#include "kernels/integer_product.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace tenfold::kernels {
namespace {

// For so few rows of x, a panel costs more than it saves.
constexpr std::size_t few_integer_rows = 4;
constexpr std::size_t most_panel_rows = 32;
constexpr std::size_t integer_panel_columns = 256;  // a panel takes half of the first cache or less
constexpr std::size_t integer_task_work = 32 * 1024;
constexpr std::size_t rows_to_quantize = 16;  // of a task

/// x in integers, and the memory they are in.
class Integers {
 public:
  Integers(const Weights& weights, std::size_t m) {
    rows_.group = weights.group_columns() == 32 ? 32 : 64;
    rows_.stride = weights.columns + 64;
    rows_.group_stride = weights.columns / rows_.group + 16;
    integers_ = std::make_unique_for_overwrite<std::int8_t[]>(m * rows_.stride);
    floats_ = std::make_unique_for_overwrite<float[]>(2 * m * rows_.group_stride);
    rows_.integers = integers_.get();
    rows_.scales = floats_.get();
    rows_.sums = floats_.get() + m * rows_.group_stride;
  }

  /// A row; what may be read behind it becomes 0.
  void quantize(const IntegerLoops& loops, const float* from, std::size_t columns,
                std::size_t row) {
    const std::size_t groups = columns / rows_.group;
    std::int8_t* integers = integers_.get() + row * rows_.stride;
    float* scales = floats_.get() + row * rows_.group_stride;
    float* sums = scales + (rows_.sums - rows_.scales);
    std::memset(integers + columns, 0, rows_.stride - columns);
    loops.quantize(from, columns, rows_.group, integers, scales, sums);
    std::fill(scales + groups, scales + rows_.group_stride, 0.0F);
    std::fill(sums + groups, sums + rows_.group_stride, 0.0F);
  }

  [[nodiscard]] IntegerRows from(std::size_t row, std::size_t column) const {
    IntegerRows rows = rows_;
    rows.integers += row * rows.stride + column;
    rows.scales += row * rows.group_stride + column / rows.group;
    rows.sums += row * rows.group_stride + column / rows.group;
    return rows;
  }

 private:
  std::unique_ptr<std::int8_t[]> integers_;
  std::unique_ptr<float[]> floats_;
  IntegerRows rows_{};
};

void multiply_integer_panel(const Weights& weights, const IntegerLoops& loops, const Integers& x,
                            std::size_t row, std::size_t first_x, std::size_t count_x, float* y) {
  alignas(64) std::uint8_t integers[integer_panel_columns * most_panel_rows];
  alignas(64) float scales[integer_panel_columns / 32 * most_panel_rows];
  alignas(64) float biases[integer_panel_columns / 32 * most_panel_rows];
  const IntegerPanel panel{integers, scales, biases};
  const std::size_t rows = std::min(loops.panel_rows, weights.rows - row);
  for (std::size_t first = 0; first < weights.columns; first += integer_panel_columns) {
    const std::size_t columns = std::min(integer_panel_columns, weights.columns - first);
    const IntegerRows part = x.from(first_x, first);
    loops.pack(weights, row, rows, first, columns, part.group, panel);
    loops.multiply(panel, columns / part.group, part, count_x, y + first_x * weights.rows + row,
                   weights.rows, rows, first > 0);
  }
}

}  // namespace

void multiply_integers(Threads& threads, const Weights& weights, const IntegerLoops& loops,
                       const float* x, std::size_t m, float* y) {
  Integers integers(weights, m);
  threads.run((m + rows_to_quantize - 1) / rows_to_quantize, [&](std::size_t task, std::size_t) {
    const std::size_t end = std::min((task + 1) * rows_to_quantize, m);
    for (std::size_t row = task * rows_to_quantize; row < end; ++row) {
      integers.quantize(loops, x + row * weights.columns, weights.columns, row);
    }
  });
  if (m <= few_integer_rows) {
    const std::size_t rows =
        std::max<std::size_t>(integer_task_work / (4 * weights.columns * m), 1) * 4;
    threads.run((weights.rows + rows - 1) / rows, [&](std::size_t task, std::size_t) {
      for (std::size_t i = 0; i < m; ++i) {
        loops.dots(weights, task * rows, std::min((task + 1) * rows, weights.rows),
                   integers.from(i, 0), y + i * weights.rows);
      }
    });
    return;
  }
  const std::size_t panels = (weights.rows + loops.panel_rows - 1) / loops.panel_rows;
  const std::size_t parts =
      std::clamp<std::size_t>((4 * threads.size() + panels - 1) / panels, 1, (m + 127) / 128);
  const std::size_t part = (m + parts - 1) / parts;
  threads.run(panels * parts, [&](std::size_t task, std::size_t) {
    const std::size_t first = task % parts * part;
    if (first >= m) return;
    multiply_integer_panel(weights, loops, integers, task / parts * loops.panel_rows, first,
                           std::min(part, m - first), y);
  });
}

}  // namespace tenfold::kernels
