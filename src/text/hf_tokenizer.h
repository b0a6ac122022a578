// Tokenizer over a Hugging Face tokenizer.json, by the `tokenizers` library (src/text/rust).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tenfold/model.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// Opens `text.tokenizer` (a tokenizer.json), whose special tokens and ends are those of `text`.
/// not_found or bad_model naming the file on failure.
Result<std::shared_ptr<const Tokenizer>> open_hf_tokenizer(const ModelText& text);

/// The same from the text of a tokenizer.json that a container `name` holds.
Result<std::shared_ptr<const Tokenizer>> open_hf_tokenizer(std::string_view json,
                                                           const ModelText& text,
                                                           const std::string& name);

}  // namespace tenfold
