#include "kernels/linear.h"

#include <algorithm>
#include <cstdint>

#include "kernels/columns.h"
#include "kernels/instruction_set.h"
#include "kernels/integer_product.h"

namespace tenfold::kernels {
namespace {

// For so few rows of x, weights are cheaper to read than to turn into columns.
constexpr std::size_t few_rows = 8;
// Columns that few rows of x are multiplied with at a time, and a panel of weights for many: with
// what it is made of it fits into the first cache.
constexpr std::size_t few_columns = 512;
constexpr std::size_t panel_columns = 128;
constexpr std::size_t panel_rows = 64;
// Multiplications that are worth another task, and another thread.
constexpr std::size_t task_work = 32 * 1024;

class Product {
 public:
  Product(const Weights& weights, const float* x, std::size_t m, float* y,
          const InstructionSet& loops)
      : weights_(weights), x_(x), m_(m), y_(y), loops_(loops) {}

  void run(Threads& threads) const {
    if (m_ <= few_rows) {
      const std::size_t rows = std::max<std::size_t>(task_work / (weights_.columns * m_), 1) * 4;
      threads.run((weights_.rows + rows - 1) / rows, [&](std::size_t task, std::size_t) {
        multiply_few(task * rows, std::min((task + 1) * rows, weights_.rows));
      });
      return;
    }
    const std::size_t panels = (weights_.rows + panel_rows - 1) / panel_rows;
    // A panel is made once for each part of x, which is cheap if the part is large.
    const std::size_t parts =
        std::clamp<std::size_t>((4 * threads.size() + panels - 1) / panels, 1, (m_ + 127) / 128);
    const std::size_t part = (m_ + parts - 1) / parts;
    threads.run(panels * parts, [&](std::size_t task, std::size_t) {
      const std::size_t first = task % parts * part;
      if (first < m_) multiply_panel(task / parts * panel_rows, first, std::min(part, m_ - first));
    });
  }

 private:
  /// `count` rows of weights in f32: as they lie in memory, or read into `buffer`.
  [[nodiscard]] Matrix rows_at(std::size_t row, std::size_t count, std::size_t first,
                               std::size_t width, float* buffer) const {
    const std::byte* data = weights_.data.data();
    if (weights_.form == Form::f32 &&
        reinterpret_cast<std::uintptr_t>(data) % alignof(float) == 0) {
      return {reinterpret_cast<const float*>(data) + row * weights_.columns + first,
              weights_.columns};
    }
    for (std::size_t i = 0; i < count; ++i) {
      loops_.read(weights_, row + i, first, width, buffer + i * width);
    }
    return {buffer, width};
  }

  void multiply_few(std::size_t begin, std::size_t end) const {
    if (m_ == 1 && !weights_.quantized() && weights_.form != Form::palette) {
      return loops_.dot_numbers(weights_, begin, end, x_, y_);
    }
    float buffer[4 * few_columns];
    for (std::size_t row = begin; row < end; row += 4) {
      const std::size_t count = std::min<std::size_t>(4, end - row);
      for (std::size_t first = 0; first < weights_.columns; first += few_columns) {
        const std::size_t width = std::min(few_columns, weights_.columns - first);
        loops_.dots({x_ + first, weights_.columns}, rows_at(row, count, first, width, buffer),
                    y_ + row, weights_.rows, m_, width, count, first > 0);
      }
    }
  }

  void multiply_panel(std::size_t row, std::size_t first_x, std::size_t count_x) const {
    alignas(64) float columns[panel_columns * panel_rows];
    float buffer[panel_columns * panel_rows];
    const std::size_t count = std::min(panel_rows, weights_.rows - row);
    for (std::size_t first = 0; first < weights_.columns; first += panel_columns) {
      const std::size_t width = std::min(panel_columns, weights_.columns - first);
      to_columns(rows_at(row, count, first, width, buffer), count, width, panel_rows, columns);
      loops_.multiply({x_ + first_x * weights_.columns + first, weights_.columns},
                      {columns, panel_rows}, y_ + first_x * weights_.rows + row, weights_.rows,
                      count_x, width, count, first > 0);
    }
  }

  const Weights& weights_;
  const float* x_;
  const std::size_t m_;
  float* y_;
  const InstructionSet& loops_;
};

}  // namespace

void multiply(Threads& threads, const Weights& weights, const float* x, std::size_t m, float* y,
              Precision precision, const InstructionSet& loops) {
  const IntegerLoops* integers =
      precision == Precision::fast ? loops.integer_loops(weights) : nullptr;
  if (integers != nullptr) return multiply_integers(threads, weights, *integers, x, m, y);
  Product(weights, x, m, y, loops).run(threads);
}

void read_row(const Weights& weights, std::size_t row, std::size_t first, std::size_t count,
              float* to) {
  fastest().read(weights, row, first, count, to);
}

}  // namespace tenfold::kernels
