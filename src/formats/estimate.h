// How much memory a model will need, before it is loaded.
//
//   weights  tensor bytes, mapped or read
//   cache    per layer and sequence: tokens × (key elements × key bytes + value elements × value
//            bytes), tokens being the context rounded up to 256; sliding-window layers hold
//            window + micro-batch tokens at most; plus the state of recurrent layers
//   compute  one micro-batch: 4-byte activations (residual, attention and feed-forward width), the
//            attention mask, and the logits of one position per sequence
//   overhead the program itself and the vocabulary (strings, hash tables, merge ranks)
//
// Fitted against llama.cpp 0.6.0 on CPU. Peak resident MiB after filling the context, estimated and
// measured: SmolLM2-135M Q4_1 with 2048 tokens 181/181, 8192 tokens 322/323, 4 x 2048 tokens
// 318/318; Gemma 3 270M Q4_K_M with 8192 tokens 355/368, 2 x 2048 tokens 354/367.
#pragma once

#include <cstdint>
#include <string>

#include "formats/model_shape.h"

namespace tenfold {

struct MemoryEstimate {
  std::uint64_t weights = 0;
  std::uint64_t cache = 0;
  std::uint64_t compute = 0;
  std::uint64_t overhead = 0;
  [[nodiscard]] std::uint64_t total() const { return weights + cache + compute + overhead; }
};

struct CacheSettings {
  int context = 0;  ///< tokens per sequence
  int sequences = 1;
  int micro_batch = 512;
  std::string key_type = "f16";  ///< a tensor encoding
  std::string value_type = "f16";
};

/// Bytes, of a model with `weights` bytes of weights; saturates rather than overflows for absurd
/// settings.
MemoryEstimate estimate_memory(std::uint64_t weights, const ModelShape& shape,
                               const CacheSettings& settings);

/// What stays on this machine when others hold the last `remote` layers, the output being one more
/// layer; all of them if negative. The table of embeddings stays, but is paged in by rows.
MemoryEstimate local_part(const MemoryEstimate& whole, const ModelShape& shape,
                          std::int64_t remote);

}  // namespace tenfold
