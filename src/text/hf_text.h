// Tokenizer and chat template of a model whose files follow Hugging Face's layout.
#pragma once

#include <filesystem>
#include <memory>

#include "tenfold/token_model.h"
#include "text/hf_config.h"

namespace tenfold {

struct HfText {
  std::shared_ptr<const Tokenizer> tokenizer;
  HfConfig config;
};

/// Opens tokenizer.json and the files beside it in the first of `folders` that has one. not_found
/// naming the first folder if none has; otherwise the errors of open_hf_tokenizer().
Result<HfText> open_hf_text(const std::vector<std::filesystem::path>& folders);

}  // namespace tenfold
