// From what the user names, a file or a folder, to the file an engine opens.
#pragma once

#include <filesystem>
#include <string>

#include "tenfold/result.h"

namespace tenfold {

struct DetectedModel {
  std::string format;          ///< as in the table of engines, e.g. "onnx"
  std::filesystem::path path;  ///< a file; a folder for formats that are folders
};

/// A file by its content; a folder by the one model in it, also in the layouts of the hubs
/// (onnx/model.onnx, genai_config.json, mlc-chat-config.json, config.json with safetensors, an
/// .mlpackage, the first of GGUF shards). bad_model if there is none, or more than one (naming
/// them).
Result<DetectedModel> detect_model(const std::filesystem::path& path);

}  // namespace tenfold
