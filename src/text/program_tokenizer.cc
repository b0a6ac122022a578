#include "text/program_tokenizer.h"

#include <algorithm>

namespace tenfold {

bool ProgramTokenizer::is_end_of_generation(TokenId token) const {
  return files_->is_end_of_generation(token) || std::ranges::find(ends_, token) != ends_.end();
}

TokenId ProgramTokenizer::end_of_sequence() const {
  const TokenId end = files_->end_of_sequence();
  return end < 0 && !ends_.empty() ? ends_.front() : end;
}

std::string ProgramTokenizer::bos_text() const {
  const std::string text = files_->bos_text();
  return text.empty() ? token_bytes(begin_) : text;
}

std::string ProgramTokenizer::eos_text() const {
  const std::string text = files_->eos_text();
  return text.empty() ? token_bytes(end_of_sequence()) : text;
}

}  // namespace tenfold
