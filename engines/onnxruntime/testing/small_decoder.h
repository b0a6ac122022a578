// For tests: complete decoder graphs of a few nodes in every form the engine takes.
#pragma once

#include <string>

#include "formats/onnx_builder.h"

namespace tenfold::onnxruntime {

struct SmallDecoder {
  OnnxType integers = OnnxType::int64;  ///< of input_ids, attention_mask, position_ids
  OnnxType cache = OnnxType::float32;
  OnnxType logits = OnnxType::float32;
  bool positions = true;
  bool mask = true;
  std::string logits_to_keep = {};  ///< name of that input; empty: none
  bool last_logits_only = false;
  std::string past = "past_key_values.0.key";
  std::string present = "present.0.key";
  std::string extra_input = {};  ///< a required input of this name
  std::string last_operation = "Sin";
  bool merged = false;        ///< has use_cache_branch, and may not use an empty past
  bool only_prompts = false;  ///< has no past
  bool sees_later = false;    ///< after a past, each token sees all that come with it

  static constexpr int vocabulary = 512;  ///< as that of the tiny models

  /// Logits after position p: the sine of (sum of all ids up to p, plus p) × 0.001 × id of the
  /// token. The past is one head of size 1 with the ids.
  [[nodiscard]] OnnxBuilder build() const;

 private:
  void add_choice_of_past(OnnxBuilder& graph) const;
};

}  // namespace tenfold::onnxruntime
