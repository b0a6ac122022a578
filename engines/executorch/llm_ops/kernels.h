// The inner loops of attention, for the instruction sets of this processor.
#pragma once

#include <cstddef>
#include <span>

namespace tenfold::executorch {

/// Rows of floats: row i begins at `data + i * stride`.
struct Matrix {
  const float* data;
  std::size_t stride;
};

/// One instruction set's loops. Memory need not be aligned; nothing beyond the sizes is touched.
struct Kernels {
  const char* name;

  /// out[r][c] = sum over k < depth of left[r][k] * right[k][c], to which `add` adds what is there.
  void (*multiply)(Matrix left, Matrix right, float* out, std::size_t out_stride, std::size_t rows,
                   std::size_t depth, std::size_t columns, bool add);
  /// out[r][c] = sum over k < depth of left[r][k] * right[c][k].
  void (*dots)(Matrix left, Matrix right, float* out, std::size_t out_stride, std::size_t rows,
               std::size_t depth, std::size_t columns);
  /// The greatest of `count` numbers, -infinity for none. NaN is passed over.
  float (*maximum)(const float* numbers, std::size_t count);
  /// Replaces each number x by exp(x - top), 0 below exp(-87), and gives their sum. No number is
  /// above `top`, which is finite.
  float (*exponentials)(float* numbers, std::size_t count, float top);
};

/// The fastest here.
const Kernels& kernels();

/// All that this processor can run, the fastest first; the last needs nothing special.
std::span<const Kernels> all_kernels();

}  // namespace tenfold::executorch
