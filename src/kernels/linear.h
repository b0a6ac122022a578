// Linear layers.
#pragma once

#include <cstddef>

#include "kernels/instruction_set.h"
#include "kernels/thread_pool.h"
#include "kernels/weights.h"

namespace tenfold::kernels {

/// y[m, rows] = x[m, columns] * weights^T, all in f32: weights are computed from what is stored,
/// and products summed up, in f32. `weights` has passed check(). Thread-safe.
void multiply(ThreadPool& pool, const Weights& weights, const float* x, std::size_t m, float* y,
              const InstructionSet& loops = fastest());

/// Columns first to first + count of a row, in f32, as a table of embeddings is read. With
/// quantized weights both are multiples of 32.
void read_row(const Weights& weights, std::size_t row, std::size_t first, std::size_t count,
              float* to);

}  // namespace tenfold::kernels
