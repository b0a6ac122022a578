// {"added_tokens": [{"id": 0, …}], "model": {"type": "BPE", "vocab": {"a": 0, …}, …}}; the vocab
// of a Unigram model is a list of pairs.
#include "formats/tokenizer_file.h"

#include <algorithm>

#include "formats/bounded_json.h"

namespace tenfold {
namespace {

class TokenizerScan : public JsonEvents {
 public:
  [[nodiscard]] TokenizerFile result() const {
    return {kind_, std::max(largest_id_ + 1, entries_)};
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

}  // namespace

Result<TokenizerFile> read_tokenizer_file(std::string_view text, const std::string& name) {
  TokenizerScan scan;
  const bool complete = nlohmann::json::sax_parse(text.begin(), text.end(), &scan);
  TokenizerFile file = scan.result();
  if (complete && !file.kind.empty()) return file;
  return fail(ErrorCode::bad_model,
              name + (complete ? " is not a tokenizer: it names no model type"
                               : " is damaged or incomplete as JSON"),
              "download the file again");
}

}  // namespace tenfold
