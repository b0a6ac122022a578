// What the files beside a tokenizer.json say about the beginning and the end of an answer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

struct HfConfig {
  std::string bos_token;      ///< as written in tokenizer_config.json; may be empty
  std::string eos_token;      ///< likewise
  TokenId bos_id = -1;        ///< from generation_config.json, config.json or genai_config.json
  std::vector<TokenId> ends;  ///< eos_token_id of all three, in that order; may repeat
  std::string chat_template;  ///< Jinja source; empty: the model has none
  std::string architecture;   ///< "llama", from config.json or genai_config.json; may be empty
  /// More ends as texts, where a container has those: a text counts that begins with a special
  /// token.
  std::vector<std::string> end_texts;
};

/// Reads tokenizer_config.json, chat_template.jinja, generation_config.json, config.json and
/// onnxruntime-genai's genai_config.json in `folder`, as far as they exist. Of several named
/// templates the one called "default" counts. bad_model naming the file that is not a JSON object.
Result<HfConfig> read_hf_config(const std::filesystem::path& folder);

}  // namespace tenfold
