// Thin calls into llama_vocab, with bounds that llama.cpp only asserts.
#include "vocabulary.h"

#include <array>
#include <limits>

#include "base/barrier.h"

namespace tenfold::llama_cpp {
namespace {

// llama.cpp takes lengths as int32 and grows the text while normalizing it.
constexpr std::size_t longest_text = std::numeric_limits<std::int32_t>::max() / 4;

}  // namespace

Result<std::vector<TokenId>> Vocabulary::encode(std::string_view text, bool add_special,
                                                bool parse_special) const {
  if (llama_vocab_type(vocabulary_) == LLAMA_VOCAB_TYPE_NONE) {
    return fail(ErrorCode::unsupported, "the model file has no tokenizer",
                "give the prompt as token ids");
  }
  if (text.size() > longest_text) {
    return fail(ErrorCode::invalid_argument, "the text is longer than 512 MiB");
  }
  return barrier("llama.cpp's tokenizer", [&]() -> Result<std::vector<TokenId>> {
    std::vector<TokenId> tokens(text.size() / 2 + 16);
    const auto encode_into = [&] {
      return llama_tokenize(vocabulary_, text.data(), static_cast<std::int32_t>(text.size()),
                            tokens.data(), static_cast<std::int32_t>(tokens.size()), add_special,
                            parse_special);
    };
    std::int32_t count = encode_into();
    if (count < 0 && count != std::numeric_limits<std::int32_t>::min()) {
      tokens.resize(static_cast<std::size_t>(-count));
      count = encode_into();
    }
    if (count < 0) return fail(ErrorCode::invalid_argument, "the text has too many tokens");
    tokens.resize(static_cast<std::size_t>(count));
    return tokens;
  });
}

std::string Vocabulary::token_bytes(TokenId token) const {
  if (!contains(token) || llama_vocab_type(vocabulary_) == LLAMA_VOCAB_TYPE_NONE) return {};
  std::array<char, 64> small{};
  std::int32_t count = llama_token_to_piece(vocabulary_, token, small.data(),
                                            static_cast<std::int32_t>(small.size()), 0, true);
  if (count >= 0) return {small.data(), static_cast<std::size_t>(count)};
  std::string bytes(static_cast<std::size_t>(-count), '\0');
  count = llama_token_to_piece(vocabulary_, token, bytes.data(),
                               static_cast<std::int32_t>(bytes.size()), 0, true);
  return count < 0 ? std::string() : bytes;
}

bool Vocabulary::is_special(TokenId token) const {
  return contains(token) &&
         (llama_vocab_is_control(vocabulary_, token) || llama_vocab_is_eog(vocabulary_, token));
}

bool Vocabulary::is_end_of_generation(TokenId token) const {
  return contains(token) && llama_vocab_is_eog(vocabulary_, token);
}

int Vocabulary::vocabulary_size() const { return llama_vocab_n_tokens(vocabulary_); }

TokenId Vocabulary::end_of_sequence() const { return llama_vocab_eos(vocabulary_); }

std::string Vocabulary::bos_text() const { return token_bytes(llama_vocab_bos(vocabulary_)); }

std::string Vocabulary::eos_text() const { return token_bytes(llama_vocab_eos(vocabulary_)); }

}  // namespace tenfold::llama_cpp
