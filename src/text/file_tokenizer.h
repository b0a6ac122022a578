// Tokenizer over a file: a tokenizer.json by the `tokenizers` library, a SentencePiece model, or a
// file of tiktoken's (all in src/text/rust).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/tokenizer_file.h"
#include "tenfold/model.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// Opens `text.tokenizer`, whose special tokens and ends are those of `text`. not_found, bad_model,
/// or unsupported for a kind that is not read, naming the file on failure.
Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const ModelText& text);

/// The same from the bytes of a tokenizer that a container `name` holds.
Result<std::shared_ptr<const Tokenizer>> open_tokenizer(TokenizerForm form, std::string_view bytes,
                                                        const ModelText& text,
                                                        const std::string& name);

}  // namespace tenfold
