// Descriptions of the formats that are one main file, with what the files beside it tell.
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Each fails with the errors of its format's reader.
Result<ModelDescription> describe_gguf(const std::filesystem::path& path);
/// A file, or a folder of onnxruntime-genai.
Result<ModelDescription> describe_onnx(const std::filesystem::path& path);
Result<ModelDescription> describe_pte(const std::filesystem::path& path);
Result<ModelDescription> describe_tflite(const std::filesystem::path& path);
Result<ModelDescription> describe_litertlm(const std::filesystem::path& path);
/// A MediaPipe bundle: a ZIP archive with TF_LITE_PREFILL_DECODE in it.
Result<ModelDescription> describe_task(const std::filesystem::path& path);
Result<ModelDescription> describe_tokenizer(const std::filesystem::path& path);
/// picoLLM's files have no magic number: their size is all that is known.
Result<ModelDescription> describe_pllm(const std::filesystem::path& path);

}  // namespace tenfold
