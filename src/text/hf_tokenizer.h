// Tokenizer over a Hugging Face tokenizer.json, by the `tokenizers` library (src/text/rust).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tenfold/token_model.h"
#include "text/hf_config.h"

namespace tenfold {

/// Opens `path` (a tokenizer.json). Special tokens and end-of-generation ids come from
/// tokenizer_config.json, generation_config.json and config.json beside it, where present.
/// not_found or bad_model naming the file on failure.
Result<std::shared_ptr<const Tokenizer>> open_hf_tokenizer(const std::string& path);

/// The same from the text of a tokenizer.json that a container `name` holds with `config`.
Result<std::shared_ptr<const Tokenizer>> open_hf_tokenizer(std::string_view json,
                                                           const HfConfig& config,
                                                           const std::string& name);

}  // namespace tenfold
