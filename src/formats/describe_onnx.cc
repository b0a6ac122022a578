#include <fmt/format.h>

#include <algorithm>

#include "formats/describe_file.h"
#include "formats/generation_defaults.h"
#include "formats/hf_folder.h"
#include "formats/onnx.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// "int4" where matrices are packed, otherwise the type of most weight bytes.
std::string quantization_of(const OnnxModel& model) {
  for (const OnnxNode& node : model.nodes) {
    const auto bits = node.integers.find("bits");
    if (node.operation == "MatMulNBits" && bits != node.integers.end()) {
      return fmt::format("int{}", bits->second);
    }
  }
  return to_string(model.weight_type);
}

/// The model's file, and what genai_config.json tells besides.
Result<fs::path> read_genai(const fs::path& folder, ModelDescription& description) {
  const fs::path path = folder / "genai_config.json";
  const json config = TRY(read_json_object(path));
  const json model = part(config, "model");
  json decoder = part(model, "decoder");
  const std::string file = text(decoder, "filename");
  if (file.empty() || file.find('/') != std::string::npos) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} names no model file in model.decoder.filename", path.string()),
                "download the model again");
  }
  description.details = "onnxruntime-genai";
  description.files.push_back(path);
  decoder["model_type"] = text(model, "type");
  decoder["max_position_embeddings"] = positive(model, "context_length");
  decoder["vocab_size"] = positive(model, "vocab_size");
  add_config(decoder, description);
  description.sampling = sampling_of_config(part(config, "search"));
  return folder / file;
}

}  // namespace

Result<ModelDescription> describe_onnx(const fs::path& path) {
  ModelDescription description;
  description.path = path;
  description.format = "onnx";
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  const fs::path file = is_folder ? TRY(read_genai(path, description)) : path;
  const OnnxModel model = TRY(open_onnx_model(file));
  description.file = file;
  description.files.push_back(file);
  for (const std::string& name : model.external_files) {
    description.files.push_back(file.parent_path() / name);
  }
  description.quantization = quantization_of(model);
  description.parameters = model.parameters;
  description.weight_bytes = model.inline_bytes + model.external_bytes;
  const auto cache = std::ranges::find_if(
      model.inputs, [](const OnnxValue& input) { return input.name.starts_with("past_key"); });
  if (cache != model.inputs.end() && cache->type == OnnxType::float32) {
    description.cache_type = "f32";
  }
  // The hub keeps models in a folder onnx/ below the one with the configuration.
  const fs::path folder = fs::absolute(file).parent_path();
  TRY(read_hf_folder({folder, folder.parent_path()}, description));
  return description;
}

}  // namespace tenfold
