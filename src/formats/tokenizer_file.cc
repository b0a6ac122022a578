// {"added_tokens": [{"id": 0, …}], "model": {"type": "BPE", "vocab": {"a": 0, …}, …}}; the vocab
// of a Unigram model is a list of pairs.
#include "formats/tokenizer_file.h"

#include <algorithm>

#include "formats/bounded_json.h"
#include "formats/byte_source.h"
#include "formats/protobuf.h"

namespace tenfold {
namespace {

class Scan : public JsonEvents {
 public:
  [[nodiscard]] TokenizerFile result() const {
    return {TokenizerForm::json, kind_, std::max(largest_id_ + 1, entries_)};
  }

  bool key(std::string& value) override {
    if (depth_ == 1) top_ = value;
    if (depth_ == 2) second_ = value;
    if (depth_ == 3) is_id_ = value == "id";
    return true;
  }
  bool string(std::string& value) override {
    if (depth_ == 2 && top_ == "model" && second_ == "type") kind_ = value;
    return true;
  }
  bool number_unsigned(std::uint64_t value) override {
    const bool in_vocabulary = top_ == "model" && second_ == "vocab";
    if (depth_ == 3 && (in_vocabulary || (top_ == "added_tokens" && is_id_))) {
      largest_id_ = std::max(largest_id_, static_cast<std::int64_t>(value & 0x7fffffff));
    }
    return true;
  }
  bool start_array(std::size_t elements) override {
    if (depth_ == 3 && top_ == "model" && second_ == "vocab") ++entries_;
    return JsonEvents::start_array(elements);
  }

 private:
  std::string top_;
  std::string second_;
  bool is_id_ = false;
  std::string kind_;
  std::int64_t largest_id_ = -1;
  std::int64_t entries_ = 0;
};

Result<TokenizerFile> read_json(std::string_view text, const std::string& name) {
  Scan scan;
  const bool complete = nlohmann::json::sax_parse(text.begin(), text.end(), &scan);
  TokenizerFile file = scan.result();
  if (complete && !file.kind.empty()) return file;
  return fail(ErrorCode::bad_model,
              name + (complete ? " is not a tokenizer: it names no model type"
                               : " is damaged or incomplete as JSON"),
              "download the file again");
}

/// ModelProto: a field 1 for each piece.
Result<TokenizerFile> read_sentencepiece(std::string_view bytes, const std::string& name) {
  const auto source = make_memory_source(bytes);
  ProtobufFile proto(*source, name, "a SentencePiece model");
  TokenizerFile file{TokenizerForm::sentencepiece, "SentencePiece", 0};
  TRY(each_field(ProtobufMessage(proto), [&](const ProtobufMessage& field) -> Result<void> {
    if (field.field() == 1) ++file.vocabulary;
    return {};
  }));
  if (file.vocabulary == 0) return proto.bad("it has no pieces");
  return file;
}

/// A line of base64 and rank for each token.
TokenizerFile read_tiktoken(std::string_view bytes) {
  TokenizerFile file{TokenizerForm::tiktoken, "tiktoken", std::ranges::count(bytes, '\n')};
  if (!bytes.ends_with('\n')) ++file.vocabulary;
  return file;
}

bool is_base64(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
         (letter >= '0' && letter <= '9') || letter == '+' || letter == '/' || letter == '=';
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

std::string_view to_string(TokenizerForm form) {
  switch (form) {
    case TokenizerForm::json:
      return "tokenizer.json";
    case TokenizerForm::sentencepiece:
      return "SentencePiece model";
    case TokenizerForm::tiktoken:
      return "tiktoken file";
  }
  return "tokenizer";
}

TokenizerForm tokenizer_form(std::string_view bytes, const std::string& name) {
  if (name.ends_with(".json")) return TokenizerForm::json;
  constexpr std::size_t longest_line = 4096;
  std::string_view line = bytes.substr(0, std::min(bytes.find('\n'), longest_line));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == line.size()) {
    return TokenizerForm::sentencepiece;
  }
  const bool is_line = std::ranges::all_of(line.substr(0, space), is_base64) &&
                       std::ranges::all_of(line.substr(space + 1), is_digit);
  return is_line ? TokenizerForm::tiktoken : TokenizerForm::sentencepiece;
}

Result<TokenizerFile> read_tokenizer_file(std::string_view bytes, const std::string& name) {
  switch (tokenizer_form(bytes, name)) {
    case TokenizerForm::sentencepiece:
      return read_sentencepiece(bytes, name);
    case TokenizerForm::tiktoken:
      return read_tiktoken(bytes);
    case TokenizerForm::json:
      break;
  }
  return read_json(bytes, name);
}

}  // namespace tenfold
