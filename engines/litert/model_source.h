// What the user names, opened: where the model lies, its tokenizer and its chat template.
#pragma once

#include <memory>
#include <string>

#include "runtime.h"
#include "tenfold/token_model.h"

namespace tenfold::litert {

struct ModelSource {
  ModelRange range;
  std::string format;        ///< "tflite" or "litertlm"
  std::string architecture;  ///< as the files name it; may be empty
  std::string chat_template;
  std::shared_ptr<const Tokenizer> tokenizer;
};

/// A .tflite with tokenizer.json beside it, a .litertlm, or a folder with one of them. not_found,
/// bad_model or unsupported, naming the file.
Result<ModelSource> open_model_source(const std::string& path);

}  // namespace tenfold::litert
