#include "text/file_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/files.h"
#include "base/machine.h"
#include "text/rust_handle.h"

namespace tenfold {
namespace {

constexpr std::size_t tokenizer_limit = std::size_t{256} << 20;

/// How the common families write the end of a turn: used when no file beside the tokenizer tells.
constexpr std::array<std::string_view, 8> usual_ends = {
    "<|im_end|>",    "<|eot_id|>",      "<end_of_turn>", "<|end|>",
    "<|endoftext|>", "<|end_of_text|>", "</s>",          "<eos>"};

class FileTokenizer final : public Tokenizer {
 public:
  using Pointer = RustPointer<TenfoldTokenizer, tenfold_tokenizer_free>;

  FileTokenizer(Pointer pointer, const ModelText& text) : pointer_(std::move(pointer)) {
    add_end(find(text.end_token));
    for (const TokenId id : text.ends) add_end(id);
    for (const std::string& end : text.end_texts) add_end(leading_special(end));
    if (ends_.empty()) {
      for (const auto end : usual_ends) add_end(find(end));
    }
    add_end(static_cast<TokenId>(tenfold_tokenizer_end(pointer_.get())));
    TokenId begin = text.begin_token.empty() ? text.begin : find(text.begin_token);
    if (begin < 0) begin = static_cast<TokenId>(tenfold_tokenizer_begin(pointer_.get()));
    if (begin >= 0 && begin < vocabulary_size()) begin_ = begin;
    bos_text_ = text.begin_token.empty() ? token_bytes(begin_) : text.begin_token;
    eos_text_ = text.end_token.empty() ? token_bytes(end_of_sequence()) : text.end_token;
  }

  Result<std::vector<TokenId>> encode(std::string_view text, bool add_special,
                                      bool parse_special) const override {
    TenfoldIds ids{};
    TenfoldBytes error{};
    const RustCall call;
    if (!tenfold_tokenizer_encode(pointer_.get(), rust_view(text), add_special, parse_special, &ids,
                                  &error)) {
      return fail(ErrorCode::invalid_argument,
                  "the text cannot be tokenized: " + take_rust_bytes(error) + ".");
    }
    std::vector<TokenId> tokens(ids.data, ids.data + ids.size);
    tenfold_ids_free(ids);
    return tokens;
  }

  std::string token_bytes(TokenId token) const override {
    return std::string(from_rust_view(tenfold_tokenizer_bytes(pointer_.get(), rust_id(token))));
  }

  bool is_special(TokenId token) const override {
    return tenfold_tokenizer_is_special(pointer_.get(), rust_id(token)) ||
           is_end_of_generation(token) || (token >= 0 && token == begin_);
  }

  bool is_end_of_generation(TokenId token) const override {
    return std::find(ends_.begin(), ends_.end(), token) != ends_.end();
  }

  int vocabulary_size() const override {
    return static_cast<int>(tenfold_tokenizer_size(pointer_.get()));
  }

  TokenId end_of_sequence() const override { return ends_.empty() ? -1 : ends_.front(); }
  std::string bos_text() const override { return bos_text_; }
  std::string eos_text() const override { return eos_text_; }

 private:
  /// A negative id becomes one that no vocabulary has.
  static std::uint32_t rust_id(TokenId token) { return static_cast<std::uint32_t>(token); }

  TokenId find(std::string_view token) const {
    if (token.empty()) return -1;
    return static_cast<TokenId>(tenfold_tokenizer_find(pointer_.get(), rust_view(token)));
  }

  /// The special token a text begins with, or the one that the whole text is wherever it stands;
  /// -1: none.
  TokenId leading_special(std::string_view text) const {
    const TokenId whole = find(text);
    if (whole >= 0 && tenfold_tokenizer_is_whole(pointer_.get(), rust_id(whole))) return whole;
    const auto ids = encode(text, false, true);
    if (!ids.ok() || ids->empty()) return -1;
    const TokenId first = ids->front();
    return tenfold_tokenizer_is_special(pointer_.get(), rust_id(first)) ? first : -1;
  }

  void add_end(TokenId id) {
    if (id >= 0 && id < vocabulary_size() && !is_end_of_generation(id)) ends_.push_back(id);
  }

  Pointer pointer_;
  std::vector<TokenId> ends_;  ///< the first is the end of sequence
  TokenId begin_ = -1;
  std::string bos_text_;
  std::string eos_text_;
};

std::uint32_t rust_form(TokenizerForm form) {
  switch (form) {
    case TokenizerForm::json:
      return tenfold_form_json;
    case TokenizerForm::sentencepiece:
      return tenfold_form_sentencepiece;
    case TokenizerForm::tiktoken:
      return tenfold_form_tiktoken;
  }
  return tenfold_form_json;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const ModelText& text) {
  const std::string bytes = TRY(read_file(text.tokenizer, tokenizer_limit));
  return open_tokenizer(tokenizer_form(bytes, text.tokenizer), bytes, text, text.tokenizer);
}

Result<std::shared_ptr<const Tokenizer>> open_tokenizer(TokenizerForm form, std::string_view bytes,
                                                        const ModelText& text,
                                                        const std::string& name) {
  bool unsupported = false;
  TenfoldBytes error{};
  const RustCall call;
  FileTokenizer::Pointer pointer(tenfold_tokenizer_open(
      rust_form(form), rust_view(bytes), rust_view(text.token_settings), &unsupported, &error));
  if (pointer == nullptr) {
    return fail(
        unsupported ? ErrorCode::unsupported : ErrorCode::bad_model,
        fmt::format("{} is not a usable {}: {}.", name, to_string(form), take_rust_bytes(error)),
        unsupported ? "put the model's tokenizer.json there, or download the file again if it is "
                      "incomplete"
                    : "download the model again");
  }
  // What reading took is more than what is kept.
  give_back_freed_memory();
  return std::shared_ptr<const Tokenizer>(
      std::make_shared<FileTokenizer>(std::move(pointer), text));
}

}  // namespace tenfold
