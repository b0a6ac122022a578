// The files of tokenizers, as far as a description needs them: tokenizer.json (Hugging Face
// tokenizers), SentencePiece's ModelProto (sentencepiece_model.proto), and tiktoken's lines of
// base64 and rank.
#pragma once

#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

enum class TokenizerForm { json, sentencepiece, tiktoken };

/// "tokenizer.json", "SentencePiece model", "tiktoken file".
std::string_view to_string(TokenizerForm form);

/// What `bytes` is if it is a tokenizer at all: a file that begins with a brace, or whose `name`
/// ends in .json, is one of JSON, one that begins with a line of base64 and rank is tiktoken's,
/// another is SentencePiece's.
TokenizerForm tokenizer_form(std::string_view bytes, const std::string& name);

/// The names under which a tokenizer lies beside weights; the first that is there counts.
constexpr const char* tokenizer_names[] = {
    "tokenizer.json", "tokenizer.model",    "spiece.model", "sentencepiece.bpe.model",
    "tokenizer.spm",  "tokenizer.tiktoken", "qwen.tiktoken"};

struct TokenizerFile {
  TokenizerForm form = TokenizerForm::json;
  std::string kind;             ///< "BPE", "Unigram", "WordPiece", "SentencePiece", "tiktoken"
  std::int64_t vocabulary = 0;  ///< one more than the largest id
  /// A token that only the turns of a known family's chats have (formats/family_template.h):
  /// "<start_of_turn>", "<|start_header_id|>" or "<|im_start|>"; empty: none is in the vocabulary.
  std::string turn_mark = {};
};

/// Keeps nothing of the text but what it returns. bad_model, naming `name`, if it is damaged or no
/// tokenizer.
Result<TokenizerFile> read_tokenizer_file(std::string_view bytes, const std::string& name);

/// The same of what can be nothing but a SentencePiece model.
Result<TokenizerFile> read_sentencepiece(std::string_view bytes, const std::string& name);

}  // namespace tenfold
