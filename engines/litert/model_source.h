// A model opened: where its graph lies, and its tokenizer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model_file.h"
#include "tenfold/token_model.h"

namespace tenfold::litert {

struct ModelSource {
  ModelRange range;
  std::optional<ModelRange> embedder;  ///< which a graph that takes embeddings needs
  std::optional<ModelRange> per_layer_embedder;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::string unused = {};  ///< what of a bundle is not used, as unused_parts() says it
};

/// A .tflite, or a .litertlm or .task with its tokenizer. not_found, bad_model or unsupported,
/// naming the file.
Result<ModelSource> open_model_source(const ResolvedModel& model);

}  // namespace tenfold::litert
