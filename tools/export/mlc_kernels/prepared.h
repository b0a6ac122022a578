// A linear layer's input as its kernel reads it: normed or gated where the layer before asks for
// it, and for 4-bit weights rounded to 8 bits.
#pragma once

#include "ffi.h"
#include "vectors.h"

namespace mlc {

constexpr int kGroup = 32;  // inputs that share a scale, of weights and of rounded inputs

/// What is done on the way into a linear layer, and out of it.
struct Around {
  enum Before { nothing = 0, rms_norm = 1, silu_gate = 2, gelu_gate = 3 };

  Before before = nothing;
  float epsilon = 0;
  const DLTensor* norm = nullptr;
  const DLTensor* bias = nullptr;
  const DLTensor* residual = nullptr;
};

/// Rounded inputs of one token. The numbers of a block of kLanes * 8 inputs lie as those at even
/// places, then those at odd ones, as a byte of weights holds one of each.
struct Rounded {
  static constexpr int kBlock = kLanes * 8;

  /// Blocks of a row, the last filled up with zeros.
  static std::int64_t blocks(std::int64_t width) { return (width + kBlock - 1) / kBlock; }

  struct Block {
    SignedBytes even;
    SignedBytes odd;
    Ints offset;    // what weights stored as w + 7 add too much, for each 8 inputs
    Floats scales;  // each group's, kLanes / 4 times
  };
};

/// Row `row` of x in 32-bit floats, as `around` says; `width` of them.
void prepare(const DLTensor& x, std::int64_t row, std::int64_t width, const Around& around,
             float* to);

/// Rounds each group to -127 … 127.
void round(const float* from, std::int64_t width, Rounded::Block* to);

}  // namespace mlc
