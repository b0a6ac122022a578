// The inner loops of this room, for the instruction sets of this processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/weights.h"

namespace tenfold::kernels {

/// Rows of floats: row i begins at `data + i * stride`.
struct Matrix {
  const float* data;
  std::size_t stride;
};

/// Rows of x as integers of 8 bits, with a scale for each group of columns, 32 or 64.
struct IntegerRows {
  const std::int8_t* integers;
  const float* scales;
  const float* sums;   ///< of the numbers of a group that the integers stand for
  std::size_t stride;  ///< integers from a row to the next; 64 more than its columns can be read
  std::size_t group_stride;  ///< scales and sums likewise, 16 more can be read
  std::size_t group;
};

/// Weights of some columns of IntegerLoops::panel_rows rows, in the order that tiles need.
struct IntegerPanel {
  std::uint8_t* integers;
  float* scales;
  float* biases;
};

/// Loops that multiply integers of weights and of x, for one form of weights.
struct IntegerLoops {
  std::size_t panel_rows;
  /// A row of x of whole groups.
  void (*quantize)(const float* from, std::size_t columns, std::size_t group, std::int8_t* to,
                   float* scales, float* sums);
  /// y[r] = row r of the weights times the one row of x, for r from `begin` to before `end`.
  void (*dots)(const Weights& weights, std::size_t begin, std::size_t end, const IntegerRows& x,
               float* y);
  /// Makes a panel of at most 8 groups of columns; rows that are missing become zeros.
  void (*pack)(const Weights& weights, std::size_t row, std::size_t rows, std::size_t first,
               std::size_t columns, std::size_t group, const IntegerPanel& to);
  /// y[m][rows] = x times a panel of so many groups, to which `add` adds what is there.
  void (*multiply)(const IntegerPanel& panel, std::size_t groups, IntegerRows x, std::size_t m,
                   float* y, std::size_t y_stride, std::size_t rows, bool add);
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

  /// Replaces each number x by cap * tanh(x / cap).
  void (*soften)(float* numbers, std::size_t count, float cap);

  float (*sum_of_squares)(const float* numbers, std::size_t count);
  /// out[i] = x[i] * factor * (offset + weight[i]); `out` may be `x`.
  void (*normalize)(const float* x, const float* weight, std::size_t count, float factor,
                    float offset, float* out);
  /// out[i] = silu(gate[i]) * up[i], or gelu, by its formula with tanh; `out` may be one of them.
  void (*silu_gate)(const float* gate, const float* up, std::size_t count, float* out);
  void (*gelu_gate)(const float* gate, const float* up, std::size_t count, float* out);
  /// Turns each pair (left[i], right[i]) by the angle whose cosine and sine are given.
  void (*turn)(const float* cosines, const float* sines, std::size_t count, float* left,
               float* right);

  /// `count` numbers in f32.
  void (*to_floats)(Number number, const std::byte* from, std::size_t count, float* to);
  /// y[r] = row r of the weights, which are not quantized, times the one row of x, for r from
  /// `begin` to before `end`.
  void (*dot_numbers)(const Weights& weights, std::size_t begin, std::size_t end, const float* x,
                      float* y);
  /// read_row() of linear.h.
  void (*read)(const Weights& weights, std::size_t row, std::size_t first, std::size_t count,
               float* to);
  /// Null if it has none for this form.
  const IntegerLoops* (*integer_loops)(const Weights& weights);
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
