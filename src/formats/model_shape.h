// The dimensions of a language model, as far as its memory need depends on them.
#pragma once

#include <cstdint>
#include <vector>

namespace tenfold {

/// Key and value cache of one layer.
struct LayerShape {
  std::int64_t key_elements = 0;    ///< per token: KV heads × key length; 0: no KV cache
  std::int64_t value_elements = 0;  ///< per token
  bool windowed = false;            ///< attends to the sliding window only
};

struct ModelShape {
  std::int64_t trained_context = 0;
  std::int64_t embedding = 0;
  std::int64_t feed_forward = 0;
  std::int64_t heads = 0;
  std::int64_t vocabulary = 0;
  std::int64_t merges = 0;
  std::int64_t sliding_window = 0;   ///< 0: none
  std::int64_t recurrent_bytes = 0;  ///< state of one sequence, all layers
  std::vector<LayerShape> layers;
};

}  // namespace tenfold
