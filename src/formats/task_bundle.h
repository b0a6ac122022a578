// The .task bundles of MediaPipe's LLM inference: a ZIP archive, not compressed, with the entries
// TF_LITE_PREFILL_DECODE (a .tflite), TOKENIZER_MODEL (a SentencePiece model) and METADATA, those
// of Gemma 3n TF_LITE_EMBEDDER and TF_LITE_PER_LAYER_EMBEDDER, too. Source:
// mediapipe/tasks/python/genai/bundler/llm_bundler.py of MediaPipe, and for the embedders
// runtime/components/model_resources.h of LiteRT-LM.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/bundle_metadata.h"
#include "formats/bundle_models.h"

namespace tenfold {

struct TaskBundle {
  BundledModels models;
  std::string_view tokenizer;  ///< SentencePiece's, in the bytes it was read from
  BundleMetadata metadata;
  std::vector<std::string> others;  ///< entries that are not used, by name
};

/// `bytes`: the whole file, which outlives the bundle. bad_model if it is damaged, unsupported if
/// it is a bundle for another task than text or is compressed: each names the entry. `name` appears
/// in messages.
Result<TaskBundle> read_task(std::string_view bytes, const std::string& name);

}  // namespace tenfold
