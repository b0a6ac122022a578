// Linear layers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "kernels/threads.h"
#include "kernels/weights.h"

namespace tenfold::kernels {

enum class Precision : std::uint8_t {
  /// Weights are computed from what is stored, and products summed up, in f32.
  exact,
  /// Where weights are integers or mxfp4, x becomes integers of 8 bits with a scale for each 32 or
  /// 64 of them, and products are of integers; all else as with `exact`.
  fast,
};

/// y[m, rows] = x[m, columns] * weights^T. `weights` has passed check(). Thread-safe. Throws
/// std::bad_alloc.
void multiply(Threads& threads, const Weights& weights, const float* x, std::size_t m, float* y,
              Precision precision = Precision::fast, const InstructionSet& loops = fastest());

/// Columns first to first + count of a row, in f32, as a table of embeddings is read. With weights
/// of less than 16 bits both are multiples of 32.
void read_row(const Weights& weights, std::size_t row, std::size_t first, std::size_t count,
              float* to);

}  // namespace tenfold::kernels
