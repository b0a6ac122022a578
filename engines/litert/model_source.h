// A model opened: where its graph lies, and its tokenizer.
#pragma once

#include <memory>
#include <string>

#include "runtime.h"
#include "tenfold/token_model.h"

namespace tenfold::litert {

struct ModelSource {
  ModelRange range;
  std::shared_ptr<const Tokenizer> tokenizer;
};

/// A .tflite, or a .litertlm or .task with its tokenizer. not_found, bad_model or unsupported,
/// naming the file.
Result<ModelSource> open_model_source(const ResolvedModel& model);

}  // namespace tenfold::litert
