// The .litertlm container: where its model lies, and its tokenizer, chat template and stop tokens.
//
//   0  "LITERTLM", u32 major = 1, u32 minor, u32 patch, 4 bytes of padding
//  24  u64 end of the header
//  32  FlatBuffer LiteRTLMMetaData: a list of sections with type, begin and end
//
// Format and messages: schema/core/litertlm_header_schema.fbs and
// runtime/proto/{llm_metadata,token} .proto of LiteRT-LM, as carried by PyPI litert-lm-builder
// 0.18.1.
#pragma once

#include <string>
#include <vector>

#include "formats/byte_source.h"
#include "formats/tokenizer_file.h"
#include "tenfold/request.h"

namespace tenfold {

/// LlmMetadata.
struct LitertlmMetadata {
  std::string architecture;   ///< the family the file names, e.g. "gemma3"; may be "generic"
  std::string chat_template;  ///< Jinja; made from prefixes and suffixes where the file has those
  std::string start_text;     ///< the first token as text, or empty
  TokenId start_id = -1;      ///< or as an id
  std::vector<TokenId> stop_ids;
  std::vector<std::string> stop_texts;
  Sampling sampling;  ///< what sampler_params recommends
};

struct LitertlmHeader {
  std::uint64_t model_offset = 0;  ///< of the prefill-decode TFLite model, in bytes of the file
  std::uint64_t model_size = 0;
  bool external_weights = false;  ///< a section of weights stands beside the model
  bool sentencepiece = false;     ///< which tokenizers it brings
  bool hf_tokenizer = false;
  LitertlmMetadata metadata;
};

struct Litertlm : LitertlmHeader {
  TokenizerForm form = TokenizerForm::json;  ///< of the tokenizer
  std::string tokenizer;                     ///< its bytes
};

/// Reads bounded amounts, whatever the file claims. bad_model if it is damaged; unsupported if it
/// holds no language model or its format is newer. `name` appears in messages.
Result<LitertlmHeader> read_litertlm_header(const ByteSource& source, const std::string& name);

/// The same with the tokenizer; of two, the one of Hugging Face's. unsupported too if there is
/// none, or if the weights lie outside the TFLite model.
Result<Litertlm> read_litertlm(const ByteSource& source, const std::string& name);

}  // namespace tenfold
