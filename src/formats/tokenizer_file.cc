// {"added_tokens": [{"id": 0, …}], "model": {"type": "BPE", "vocab": {"a": 0, …}, …}}; the vocab
// of a Unigram model is a list of pairs.
#include "formats/tokenizer_file.h"

#include <algorithm>

#include "formats/bounded_json.h"
#include "formats/byte_source.h"
#include "formats/detect.h"
#include "formats/protobuf.h"

namespace tenfold {
namespace {

constexpr std::string_view turn_marks[] = {"<start_of_turn>", "<|start_header_id|>",
                                           "<|im_start|>"};

bool is_turn_mark(std::string_view token) {
  return std::ranges::find(turn_marks, token) != std::ranges::end(turn_marks);
}

class TokenizerScan : public JsonEvents {
 public:
  [[nodiscard]] TokenizerFile result() const {
    return {TokenizerForm::json, kind_, std::max(largest_id_ + 1, entries_), turn_mark_};
  }

  bool key(std::string& value) override {
    if (depth_ == 1) top_ = value;
    if (depth_ == 2) second_ = value;
    if (depth_ == 3) third_ = value;
    return true;
  }
  bool string(std::string& value) override {
    if (depth_ == 2 && top_ == "model" && second_ == "type") kind_ = value;
    if (depth_ == 3 && top_ == "added_tokens" && third_ == "content" && is_turn_mark(value)) {
      turn_mark_ = value;
    }
    return true;
  }
  bool number_unsigned(std::uint64_t value) override {
    const bool in_vocabulary = top_ == "model" && second_ == "vocab";
    if (depth_ == 3 && (in_vocabulary || (top_ == "added_tokens" && third_ == "id"))) {
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
  std::string third_;
  std::string kind_;
  std::string turn_mark_;
  std::int64_t largest_id_ = -1;
  std::int64_t entries_ = 0;
};

Result<TokenizerFile> read_tokenizer_json(std::string_view text, const std::string& name) {
  TokenizerScan scan;
  const bool complete = nlohmann::json::sax_parse(text.begin(), text.end(), &scan);
  TokenizerFile file = scan.result();
  if (complete && !file.kind.empty()) return file;
  return fail(ErrorCode::bad_model,
              name + (complete ? " is not a tokenizer: it names no model type"
                               : " is damaged or incomplete as JSON"),
              "download the file again");
}

/// The text of a piece, empty if it is longer than any mark.
Result<std::string> short_text(const ProtobufMessage& piece) {
  constexpr std::uint64_t longest = 32;
  std::string text;
  TRY(each_field(piece, [&](const ProtobufMessage& field) -> Result<void> {
    if (field.field() == 1 && field.length() <= longest) text = TRY(field.text(longest));
    return {};
  }));
  return text;
}

/// A line of base64 and rank for each token; empty lines do not count. The special tokens are the
/// family's, which the number of ranks tells (src/text/rust/src/tiktoken.rs).
TokenizerFile read_tiktoken(std::string_view bytes) {
  constexpr std::int64_t llama3 = 128'000;
  constexpr std::int64_t qwen = 151'643;
  TokenizerFile file{TokenizerForm::tiktoken, "tiktoken", 0, {}};
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    if (line.find_first_not_of(" \t\r\f") != std::string_view::npos) ++file.vocabulary;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  if (file.vocabulary == qwen) file.turn_mark = "<|im_start|>";
  if (file.vocabulary == llama3) file.turn_mark = "<|start_header_id|>";
  return file;
}

Result<TokenizerFile> read_form(TokenizerForm form, std::string_view bytes,
                                const std::string& name) {
  switch (form) {
    case TokenizerForm::sentencepiece:
      return read_sentencepiece(bytes, name);
    case TokenizerForm::tiktoken:
      return read_tiktoken(bytes);
    case TokenizerForm::json:
      break;
  }
  return read_tokenizer_json(bytes, name);
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
  if (name.ends_with(".json") || bytes.starts_with('{')) return TokenizerForm::json;
  constexpr std::size_t longest_line = 4096;
  const std::string_view head = bytes.substr(0, longest_line);
  // A line of white space alone does not count; a SentencePiece model begins with one.
  const std::size_t text = std::min(head.find_first_not_of(" \t\r\n\f"), head.size());
  const std::size_t start = text == 0 ? 0 : head.rfind('\n', text - 1) + 1;
  std::string_view line = bytes.substr(start);
  line = line.substr(0, std::min(line.find('\n'), longest_line));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == line.size()) {
    return TokenizerForm::sentencepiece;
  }
  const bool is_line = std::ranges::all_of(line.substr(0, space), is_base64) &&
                       std::ranges::all_of(line.substr(space + 1), is_digit);
  return is_line ? TokenizerForm::tiktoken : TokenizerForm::sentencepiece;
}

/// ModelProto: a field 1 for each piece.
Result<TokenizerFile> read_sentencepiece(std::string_view bytes, const std::string& name) {
  const auto source = make_memory_source(bytes);
  ProtobufFile proto(*source, name, "a SentencePiece model");
  TokenizerFile file{TokenizerForm::sentencepiece, "SentencePiece", 0, {}};
  TRY(each_field(ProtobufMessage(proto), [&](const ProtobufMessage& field) -> Result<void> {
    if (field.field() != 1) return {};
    ++file.vocabulary;
    const std::string piece = TRY(short_text(field.message()));
    if (is_turn_mark(piece)) file.turn_mark = piece;
    return {};
  }));
  if (file.vocabulary == 0) return proto.bad("it has no pieces");
  return file;
}

Result<TokenizerFile> read_tokenizer_file(std::string_view bytes, const std::string& name) {
  const TokenizerForm form = tokenizer_form(bytes, name);
  auto file = read_form(form, bytes, name);
  if (file.ok()) return file;
  constexpr std::size_t head_size = 4096;
  const std::string content = describe_content(bytes.substr(0, head_size));
  // What has the right form is damaged, and how is said already.
  const bool damaged_json = form == TokenizerForm::json && content == "a JSON file";
  if (damaged_json || content == unknown_content) return file;
  return is_not(name, "a tokenizer", content, "download the file again");
}

}  // namespace tenfold
