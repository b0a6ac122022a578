// The inner loops of this room, for the instruction sets of this processor.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/weights.h"

namespace tenfold::kernels {

/// Rows of floats: row i begins at `data + i * stride`.
struct Matrix {
  const float* data;
  std::size_t stride;
};

/// One instruction set's loops. Floats lie on multiples of 4 bytes, all else anywhere; nothing
/// beyond the sizes is touched.
struct InstructionSet {
  const char* name;

  /// out[r][c] = sum over k < depth of left[r][k] * right[k][c], to which `add` adds what is there.
  void (*multiply)(Matrix left, Matrix right, float* out, std::size_t out_stride, std::size_t rows,
                   std::size_t depth, std::size_t columns, bool add);
  /// out[r][c] = sum over k < depth of left[r][k] * right[c][k], likewise.
  void (*dots)(Matrix left, Matrix right, float* out, std::size_t out_stride, std::size_t rows,
               std::size_t depth, std::size_t columns, bool add);
  /// The greatest of `count` numbers, -infinity for none. NaN is passed over.
  float (*maximum)(const float* numbers, std::size_t count);
  /// Replaces each number x by exp(x - top), 0 below exp(-87), and gives their sum. No number is
  /// above `top`, which is finite.
  float (*exponentials)(float* numbers, std::size_t count, float top);

  /// `count` numbers in f32.
  void (*to_floats)(Number number, const std::byte* from, std::size_t count, float* to);
  /// read_row() of linear.h.
  void (*read)(const Weights& weights, std::size_t row, std::size_t first, std::size_t count,
               float* to);
};

/// The fastest here.
const InstructionSet& fastest();

/// All that this processor can run, the fastest first; the last needs nothing special.
std::span<const InstructionSet* const> instruction_sets();

// One source for each. Only those that instruction_sets() gives may be called.
extern const InstructionSet plain;
#ifdef __x86_64__
extern const InstructionSet avx2;    ///< with FMA and F16C
extern const InstructionSet avx512;  ///< F, BW, DQ, VL, VBMI and VNNI: Ice Lake, Zen 4 and later
#endif

}  // namespace tenfold::kernels
