#include "text/hf_text.h"

#include "text/hf_tokenizer.h"

namespace tenfold {

Result<HfText> open_hf_text(const std::vector<std::filesystem::path>& folders) {
  for (const auto& folder : folders) {
    const auto path = folder / "tokenizer.json";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    HfText text;
    text.tokenizer = TRY(open_hf_tokenizer(path.string()));
    text.config = TRY(read_hf_config(folder));
    return text;
  }
  return fail(ErrorCode::not_found, "there is no tokenizer.json in " + folders.at(0).string(),
              "put the tokenizer.json that belongs to the model there");
}

}  // namespace tenfold
