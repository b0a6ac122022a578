// What a model file or folder says of itself before anything is loaded.
#pragma once

#include <optional>
#include <string>

#include "formats/model_shape.h"
#include "tenfold/error.h"
#include "tenfold/model.h"

namespace tenfold {

/// The model as an engine needs it (but for what only the store knows), and what people are shown
/// besides. Empty strings and zeros: the format does not tell. No engine opens the format
/// "tokenizer".
struct ModelDescription : ResolvedModel {
  std::string details = {};              ///< of the format, e.g. "version 3", "onnxruntime-genai"
  std::string title = {};                ///< what its makers call it
  std::string tokenizer = {};            ///< its kind, e.g. "BPE"
  std::string cache_type = "f16";        ///< of keys and values, as in CacheSettings
  std::uint64_t bytes = 0;               ///< of all files
  std::int64_t vocabulary = 0;           ///< tokens
  std::optional<ModelShape> shape = {};  ///< for estimate_memory()
  /// Why its engine cannot run it, though it opens the format: what a load would say.
  std::optional<Error> refusal = {};
  /// Why it cannot run yet, though it may be kept: it lacks what can be made for it afterwards.
  std::optional<Error> unready = {};
  /// TokenizerFile::turn_mark of the tokenizer beside the weights, while describe_model() works.
  std::string turn_mark = {};
};

}  // namespace tenfold
