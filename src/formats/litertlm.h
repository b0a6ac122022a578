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

#include "formats/bundle_metadata.h"
#include "formats/bundle_models.h"
#include "formats/byte_source.h"
#include "formats/tokenizer_file.h"

namespace tenfold {

struct LitertlmHeader {
  BundledModels models;
  bool sentencepiece = false;  ///< which tokenizers it brings: at least one
  bool hf_tokenizer = false;
  std::vector<std::string> other_models;  ///< not used, by type, such as "tf_lite_mtp_drafter"
  BundleMetadata metadata;
};

struct Litertlm : LitertlmHeader {
  TokenizerForm form = TokenizerForm::json;  ///< of the tokenizer
  std::string tokenizer;                     ///< its bytes
};

/// Reads bounded amounts, whatever the file claims. bad_model if it is damaged; unsupported if it
/// holds no language model or no tokenizer, or if its format is newer. `name` appears in messages.
Result<LitertlmHeader> read_litertlm_header(const ByteSource& source, const std::string& name);

/// The same with the tokenizer; of two, the one of Hugging Face's.
Result<Litertlm> read_litertlm(const ByteSource& source, const std::string& name);

}  // namespace tenfold
