// A tokenizer.json (Hugging Face tokenizers), as far as a description needs it.
#pragma once

#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

struct TokenizerFile {
  std::string kind;             ///< "BPE", "Unigram", "WordPiece"
  std::int64_t vocabulary = 0;  ///< one more than the largest id
};

/// Keeps nothing of the text but what it returns. bad_model, naming `name`, if it is damaged or no
/// tokenizer.
Result<TokenizerFile> read_tokenizer_file(std::string_view text, const std::string& name);

}  // namespace tenfold
