// How much memory a decoder of safetensors takes, before it is loaded; the engine that computes it
// (engines/mlx) checks its own load by the same.
//
//   weights  tensor bytes, mapped; those of MLX's own operators are copies, in f32 unless packed
//   cache    f32, of the whole context in every layer; its pages are taken as they are written
//   compute  a piece of a prompt: what a layer holds of it at once, and one position's logits; with
//            MLX's own operators the scores of attention, too
//   overhead the program and its libraries, and the tokenizer; a large one, which takes several
//            times as much while it is read, may make the peak before the weights are there
//
// Measured figures: docs/mlx.md.
#pragma once

#include <cstdint>

#include "formats/decoder_spec.h"
#include "formats/estimate.h"
#include "formats/model_shape.h"
#include "tenfold/options.h"

namespace tenfold {

/// Most tokens of a prompt that are computed at once, unless the option says otherwise.
constexpr std::int64_t usual_prefill_chunk = 256;

struct DecoderLoad {
  std::int64_t context = 0;  ///< tokens
  std::int64_t prefill_chunk = usual_prefill_chunk;
  bool copies_weights = false;  ///< MLX's own operators compute
};

/// What the engine's options in `load` say, with a context of so many tokens.
DecoderLoad decoder_load(const LoadOptions& load, std::int64_t context);

ModelShape shape_of(const DecoderSpec& spec);

/// Of a model with so many bytes of weights and parameters.
MemoryEstimate estimate_decoder(std::uint64_t weights, std::uint64_t parameters,
                                const ModelShape& shape, const DecoderLoad& load);

}  // namespace tenfold
