// Attention over a KV cache, blocked, with the softmax kept up to date from block to block.
#pragma once

#include <cstdint>

#include "kernels/threads.h"

namespace tenfold::kernels {

/// What the numbers in memory are. Nothing is computed with `other`.
enum class Element : std::uint8_t { f32, f16, bf16, i8, other };

/// The rows of one tensor, each of Attention::width numbers beside each other.
struct HeadRows {
  const void* data = nullptr;
  Element element = Element::f32;
  std::int64_t batch_stride = 0;  ///< in rows, like the others
  std::int64_t position_stride = 0;
  std::int64_t head_stride = 0;
  const float* scales = nullptr;             ///< of i8: one for each row
  const std::int8_t* zero_points = nullptr;  ///< of i8: one for each row
};

/// All sizes and strides lie within the tensors, and no size is 0.
struct Attention {
  HeadRows queries, keys, values;
  void* out = nullptr;  ///< laid out as the queries are
  Element out_element = Element::f32;
  std::int64_t batches = 0;
  std::int64_t positions = 0;  ///< of the queries
  std::int64_t heads = 0;      ///< of the queries; a multiple of key_heads
  std::int64_t key_heads = 0;
  std::int64_t width = 0;      ///< numbers in a row
  std::int64_t key_count = 0;  ///< positions in the cache that queries look at
  std::int64_t start = 0;      ///< the position of the first query
  bool causal = false;         ///< a query looks at no key behind its own position
  std::int64_t window = 0;     ///< if causal and not 0: it looks at so many keys, with its own
  const float* mask =
      nullptr;  ///< added to the scores: [positions, mask_stride]; of stride 0 one row for all
  std::int64_t mask_stride = 0;
  float scale = 1;
  float softcap =
      0;  ///< if not 0, a score becomes softcap * tanh(score / softcap), before the mask
};

/// softmax(scale * queries * keys^T + mask) * values for each head, in f32 ("FlashAttention", arXiv
/// 2205.14135, and for few queries the keys in parts as well, "Flash-Decoding"). A query that no
/// key is left to gets zeros. Throws std::bad_alloc.
void attend(Threads& threads, const Attention& attention);

}  // namespace tenfold::kernels
