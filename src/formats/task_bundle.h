// The .task bundles of MediaPipe's LLM inference: a ZIP archive, not compressed, with the entries
// TF_LITE_PREFILL_DECODE (a .tflite), TOKENIZER_MODEL (a SentencePiece model) and METADATA. Source:
// mediapipe/tasks/python/genai/bundler/llm_bundler.py of MediaPipe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/bundle_metadata.h"

namespace tenfold {

struct TaskBundle {
  std::uint64_t model_offset = 0;  ///< of the TFLite model, in bytes of the file
  std::uint64_t model_size = 0;
  std::string_view tokenizer;  ///< SentencePiece's, in the bytes it was read from
  BundleMetadata metadata;
  std::vector<std::string> others;  ///< further entries, by name
};

/// `bytes`: the whole file, which outlives the bundle. bad_model if it is damaged, unsupported if
/// it is a bundle for another task than text or is compressed: each names the entry. `name` appears
/// in messages.
Result<TaskBundle> read_task(std::string_view bytes, const std::string& name);

}  // namespace tenfold
