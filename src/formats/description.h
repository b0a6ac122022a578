// What a model file or folder says of itself before anything is loaded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/model_shape.h"
#include "tenfold/request.h"

namespace tenfold {

/// Empty strings and zeros: the format does not tell.
struct ModelDescription {
  std::string path;     ///< the file, or the folder of formats that are folders
  std::string format;   ///< as in the table of engines, or "task", "mlmodelc", "tokenizer"
  std::string details;  ///< of the format, e.g. "version 3", "onnxruntime-genai"
  std::string name;
  std::string architecture;        ///< "llama"
  std::string quantization;        ///< "q4_0", "4 bits", "int8"
  std::string tokenizer;           ///< its kind, e.g. "BPE"
  std::string chat_template;       ///< Jinja source, or what the format has instead
  std::string cache_type = "f16";  ///< of keys and values, as in CacheSettings
  std::vector<std::string> files;  ///< weights and what describes them
  std::uint64_t bytes = 0;         ///< of these files
  std::uint64_t weight_bytes = 0;
  std::uint64_t parameters = 0;
  std::int64_t trained_context = 0;  ///< tokens
  std::int64_t vocabulary = 0;       ///< tokens
  Sampling sampling;                 ///< what its publisher recommends
  std::optional<ModelShape> shape;   ///< for estimate_memory()
};

}  // namespace tenfold
