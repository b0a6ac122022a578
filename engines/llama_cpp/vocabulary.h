// The tokenizer inside a GGUF file, as llama.cpp implements it.
#pragma once

#include <llama.h>

#include "tenfold/token_model.h"

namespace tenfold::llama_cpp {

/// Borrows the vocabulary: its model must outlive this object.
class Vocabulary final : public Tokenizer {
 public:
  explicit Vocabulary(const llama_vocab* vocabulary) : vocabulary_(vocabulary) {}

  [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view text, bool add_special,
                                                    bool parse_special) const override;
  [[nodiscard]] std::string token_bytes(TokenId token) const override;
  [[nodiscard]] bool is_special(TokenId token) const override;
  [[nodiscard]] bool is_end_of_generation(TokenId token) const override;
  [[nodiscard]] int vocabulary_size() const override;
  [[nodiscard]] TokenId end_of_sequence() const override;
  [[nodiscard]] std::string bos_text() const override;
  [[nodiscard]] std::string eos_text() const override;

  [[nodiscard]] bool contains(TokenId token) const {
    return token >= 0 && token < vocabulary_size();
  }

 private:
  const llama_vocab* vocabulary_;
};

}  // namespace tenfold::llama_cpp
