// From what the user names, a file or a folder, to the file an engine opens.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

struct DetectedModel {
  std::string format;          ///< as in the table of engines, e.g. "onnx"
  std::filesystem::path path;  ///< a file; a folder for formats that are folders
};

/// A file by its content; a folder by the one model in it, also in the layouts of the hubs
/// (onnx/model.onnx, onnx/decoder_model_merged.onnx, genai_config.json, mlc-chat-config.json,
/// config.json with safetensors, an .mlpackage, meta.yaml of ANEMLL, the first of GGUF shards).
/// bad_model if there is none, or more than one (naming them). Reads no more than the first bytes
/// of a file, and parses none: a .task bundle, which is a ZIP archive, counts by its name.
Result<DetectedModel> detect_model(const std::filesystem::path& path);

/// The same, and what only whole files tell: a .task bundle of any name, a tokenizer.json, and
/// whether a file of safetensors is one of its folder's model.
/// It parses what may be hostile, so it is for the locked child (untrusted.h).
Result<DetectedModel> detect_model_by_all_bytes(const std::filesystem::path& path);

/// The file of `folder` to name for its model in one of `formats`, comma-separated as in the table
/// of engines: of those that are a file, or the first weights of safetensors. Empty if there is
/// none, or more than one. By names alone: nothing is read.
std::filesystem::path file_of_format(const std::filesystem::path& folder, std::string_view formats);

}  // namespace tenfold
