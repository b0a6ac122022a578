// From the path a user gives to the graph, the tokenizer and what the configuration files say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "decoder_graph.h"

namespace tenfold::onnxruntime {

struct ModelFiles {
  std::string graph;
  std::vector<std::filesystem::path> folders;  ///< where a tokenizer may be, nearest first
  Dimensions dimensions;
};

/// `path` is an .onnx file, or a folder: with genai_config.json, model.onnx or onnx/model.onnx.
/// Configuration is read beside the graph and, in the hubs' layout, one folder up. The errors of
/// detect_model(); bad_model for a configuration file that is no JSON object.
Result<ModelFiles> find_model_files(const std::string& path);

}  // namespace tenfold::onnxruntime
