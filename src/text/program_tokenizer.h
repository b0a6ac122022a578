// The tokenizer beside a program, with the tokens that the program itself names.
#pragma once

#include <memory>
#include <vector>

#include "tenfold/token_model.h"

namespace tenfold {

/// A program's end tokens end an answer as those of the tokenizer's files do; its begin token
/// counts where those files name none.
class ProgramTokenizer final : public Tokenizer {
 public:
  ProgramTokenizer(std::shared_ptr<const Tokenizer> files, std::vector<TokenId> ends, TokenId begin)
      : files_(std::move(files)), ends_(std::move(ends)), begin_(begin) {}

  [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view text, bool add_special,
                                                    bool parse_special) const override {
    return files_->encode(text, add_special, parse_special);
  }
  [[nodiscard]] std::string token_bytes(TokenId token) const override {
    return files_->token_bytes(token);
  }
  [[nodiscard]] bool is_special(TokenId token) const override {
    return files_->is_special(token) || is_end_of_generation(token) ||
           (token >= 0 && token == begin_);
  }
  [[nodiscard]] bool is_end_of_generation(TokenId token) const override;
  [[nodiscard]] int vocabulary_size() const override { return files_->vocabulary_size(); }
  [[nodiscard]] TokenId end_of_sequence() const override;
  [[nodiscard]] std::string bos_text() const override;
  [[nodiscard]] std::string eos_text() const override;

 private:
  std::shared_ptr<const Tokenizer> files_;
  std::vector<TokenId> ends_;
  TokenId begin_;
};

}  // namespace tenfold
