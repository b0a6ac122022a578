// Where the TFLite models of a bundle lie.
#pragma once

#include <cstdint>
#include <optional>

namespace tenfold {

/// In bytes of the file, within it.
struct BundledModel {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t weights_offset = 0;  ///< of the section with its weights
  std::uint64_t weights_size = 0;    ///< 0: they are part of the model
};

struct BundledModels {
  BundledModel main;  ///< prefill and decode
  /// The models that make of token ids what `main` takes in their place; see litert_embedder.h.
  std::optional<BundledModel> embedder;
  std::optional<BundledModel> per_layer_embedder;
};

}  // namespace tenfold
