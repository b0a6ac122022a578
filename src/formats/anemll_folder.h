// A folder as ANEMLL's converter writes it: meta.yaml, tokenizer files and Core ML models that
// together are one language model. Source: anemll/utils/convert_model.sh and tests/chat.py of
// github.com/Anemll/Anemll, versions 0.3.4 and 0.3.5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Either parts, in the order in which a token passes them, or one model that holds them all. Each
/// path is an .mlpackage or .mlmodelc.
struct AnemllFolder {
  std::filesystem::path embeddings = {};           ///< input_ids → hidden_states
  std::vector<std::filesystem::path> chunks = {};  ///< functions infer and prefill, one state
  std::filesystem::path lm_head = {};              ///< hidden_states → logits1, logits2, …
  std::filesystem::path whole = {};                ///< empty if there are parts

  std::string name = {};            ///< "anemll-tiny-ctx512"
  std::string architecture = {};    ///< "llama"
  std::int64_t context = 0;         ///< tokens
  std::int64_t batch = 0;           ///< tokens that prefill takes at once
  std::int64_t logit_parts = 0;     ///< outputs that the vocabulary is split over; 0: not told
  std::int64_t sliding_window = 0;  ///< 0: none
  bool gives_tokens = false;        ///< the index of the largest logit of each part, no logits
  std::string palettes = {};        ///< "ffn 6 bits, lm_head 6 bits"; empty: none

  /// All models, in their order.
  [[nodiscard]] std::vector<std::filesystem::path> models() const;
};

/// bad_model naming meta.yaml and its field, or the model that is missing.
Result<AnemllFolder> read_anemll_folder(const std::filesystem::path& folder);

/// The values of a YAML file of nested maps by their path, "model_info.parameters.batch_size", as
/// ANEMLL writes them: no lists, no anchors. Lines of longer texts count as keys below the text's.
std::map<std::string, std::string, std::less<>> read_yaml_values(std::string_view text);

/// The same as a description, with every part read whole. bad_model naming the file that is missing
/// or damaged.
Result<ModelDescription> describe_anemll_folder(const std::filesystem::path& folder);

}  // namespace tenfold
