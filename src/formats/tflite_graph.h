// What a TFLite model tells of the language model in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// A TFLite model in memory.
struct TfliteBytes {
  std::string_view graph;
  std::uint64_t weights = 0;  ///< bytes of a section of weights beside it
};

/// The models of a bundle that make what its language model takes in place of token ids.
struct TfliteEmbedders {
  std::optional<TfliteBytes> embedder;
  std::optional<TfliteBytes> per_layer;
};

/// Quantization, parameters, weights, and from the tensors of its signature "decode" context,
/// vocabulary and shape; the refusal where the engine would make no language model of its
/// signatures (litert_graph.h) and those of the embedders (litert_embedder.h). The errors of
/// check_tflite(), which it makes first of each.
Result<void> add_tflite(const TfliteBytes& bytes, const std::string& name,
                        ModelDescription& description, const TfliteEmbedders& embedders = {});

}  // namespace tenfold
