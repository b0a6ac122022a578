// What a decoder computes beside linear layers and attention. All in f32; outputs may be inputs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"
#include "kernels/threads.h"

namespace tenfold::kernels {

/// Each row over the root of the mean of its squares and `epsilon`, times offset + weight ("Root
/// Mean Square Layer Normalization", arXiv 1910.07467); offset is 1 for Gemma's weights, else 0.
void rms_norm(Threads& threads, Matrix x, std::size_t rows, std::size_t width, const float* weight,
              float offset, float epsilon, float* out, std::size_t out_stride,
              const InstructionSet& loops = fastest());

/// Replaces a row by its exponentials over their sum; one of -infinity alone by zeros.
void softmax(float* row, std::size_t count, const InstructionSet& loops = fastest());

enum class Gate : std::uint8_t {
  silu,
  gelu_tanh,  ///< x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
};

/// out[rows, width] = gate(left) * right.
void gate(Threads& threads, Gate gate, Matrix left, Matrix right, std::size_t rows,
          std::size_t width, float* out, const InstructionSet& loops = fastest());

/// Which numbers of a head are turned together by rotary embeddings ("RoFormer", arXiv 2104.09864).
enum class Pairs : std::uint8_t {
  halves,       ///< i and i + pairs, as Llama's and most others
  interleaved,  ///< 2i and 2i + 1
};

/// For positions first to first + count and each frequency the cosine and the sine of position *
/// frequency, times `scale`: [count, 2, pairs]. Made once for all layers that share frequencies.
void fill_rotations(const float* frequencies, std::size_t pairs, std::size_t first,
                    std::size_t count, float scale, float* table);

/// Turns the first 2 * pairs numbers of each head, of which there are `heads` at each of `count`
/// positions, by such a table.
void rotate(Threads& threads, const float* table, std::size_t pairs, Pairs order, float* x,
            std::size_t count, std::size_t heads, std::size_t position_stride,
            std::size_t head_stride, const InstructionSet& loops = fastest());

}  // namespace tenfold::kernels
