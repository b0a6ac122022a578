#include "kernels/layers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenfold::kernels {
namespace {

// Numbers that are worth a task; below two of these the caller's thread computes alone.
constexpr std::size_t task_numbers = 16 * 1024;

/// work(row) for each row.
template <typename Work>
void for_rows(Threads& threads, std::size_t rows, std::size_t width, const Work& work) {
  const std::size_t each = std::max<std::size_t>(task_numbers / std::max<std::size_t>(width, 1), 1);
  const auto some = [&](std::size_t task, std::size_t) {
    const std::size_t end = std::min((task + 1) * each, rows);
    for (std::size_t row = task * each; row < end; ++row) work(row);
  };
  const std::size_t tasks = (rows + each - 1) / each;
  if (tasks == 1) return some(0, 0);
  threads.run(tasks, some);
}

}  // namespace

void rms_norm(Threads& threads, Matrix x, std::size_t rows, std::size_t width, const float* weight,
              float offset, float epsilon, float* out, std::size_t out_stride,
              const InstructionSet& loops) {
  for_rows(threads, rows, width, [&](std::size_t row) {
    const float* from = x.data + row * x.stride;
    const float mean = loops.sum_of_squares(from, width) / static_cast<float>(width);
    loops.normalize(from, weight, width, 1 / std::sqrt(mean + epsilon), offset,
                    out + row * out_stride);
  });
}

void softmax(float* row, std::size_t count, const InstructionSet& loops) {
  const float top = loops.maximum(row, count);
  if (top == -std::numeric_limits<float>::infinity()) {
    std::fill_n(row, count, 0.0F);
    return;
  }
  const float factor = 1 / loops.exponentials(row, count, top);
  for (std::size_t i = 0; i < count; ++i) row[i] *= factor;
}

void gate(Threads& threads, Gate gate, Matrix left, Matrix right, std::size_t rows,
          std::size_t width, float* out, const InstructionSet& loops) {
  const auto compute = gate == Gate::silu ? loops.silu_gate : loops.gelu_gate;
  for_rows(threads, rows, width, [&](std::size_t row) {
    compute(left.data + row * left.stride, right.data + row * right.stride, width,
            out + row * width);
  });
}

void fill_rotations(const float* frequencies, std::size_t pairs, std::size_t first,
                    std::size_t count, float scale, float* table) {
  for (std::size_t i = 0; i < count; ++i, table += 2 * pairs) {
    const auto position = static_cast<float>(first + i);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      const float angle = position * frequencies[pair];  // rounded to f32, as references do
      table[pair] = std::cos(angle) * scale;
      table[pairs + pair] = std::sin(angle) * scale;
    }
  }
}

void rotate(Threads& threads, const float* table, std::size_t pairs, Pairs order, float* x,
            std::size_t count, std::size_t heads, std::size_t position_stride,
            std::size_t head_stride, const InstructionSet& loops) {
  for_rows(threads, count, heads * 2 * pairs, [&](std::size_t position) {
    const float* cosines = table + position * 2 * pairs;
    const float* sines = cosines + pairs;
    for (std::size_t head = 0; head < heads; ++head) {
      float* row = x + position * position_stride + head * head_stride;
      if (order == Pairs::halves) {
        loops.turn(cosines, sines, pairs, row, row + pairs);
        continue;
      }
      for (std::size_t i = 0; i < pairs; ++i) {
        const float a = row[2 * i], b = row[2 * i + 1];
        row[2 * i] = a * cosines[i] - b * sines[i];
        row[2 * i + 1] = b * cosines[i] + a * sines[i];
      }
    }
  });
}

}  // namespace tenfold::kernels
