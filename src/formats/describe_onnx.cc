#include <fmt/format.h>

#include <algorithm>

#include "formats/decoder_graph.h"
#include "formats/describe_file.h"
#include "formats/generation_defaults.h"
#include "formats/hf_folder.h"
#include "formats/onnx.h"
#include "formats/onnx_names.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t most_named = 12;  // files beside the one that is described

/// Calls `visit` with each node until it gives true; whether it did.
template <typename Visit>
bool any_node(const OnnxModel& model, const Visit& visit) {
  return std::ranges::any_of(model.nodes, visit) || std::ranges::any_of(model.inner_nodes, visit);
}

/// "int4" where matrices are packed, otherwise the type of most weight bytes.
std::string quantization_of(const OnnxModel& model) {
  std::string packed;
  any_node(model, [&](const OnnxNode& node) {
    const auto bits = node.integers.find("bits");
    const auto table = node.integers.find("quant_type");
    if (node.operation == "MatMulNBits" && bits != node.integers.end()) {
      packed = fmt::format("int{}", bits->second);
    } else if (node.operation == "MatMulBnb4" && table != node.integers.end()) {
      packed = table->second == 0 ? "fp4" : "nf4";
    }
    return !packed.empty();
  });
  return packed.empty() ? to_string(model.weight_type) : packed;
}

/// Whether attention could have a sliding window and has none in any layer.
bool leaves_out_windows(const OnnxModel& model) {
  bool could_have = false;
  const bool has = any_node(model, [&](const OnnxNode& node) {
    if (node.operation != "GroupQueryAttention") return false;
    could_have = true;
    const auto window = node.integers.find("local_window_size");
    return window != node.integers.end() && window->second > 0;
  });
  return could_have && !has;
}

bool is_beside(const fs::path& file, const std::string& name) {
  std::error_code error;
  return fs::exists(file.parent_path() / name, error);
}

/// "beside model_fp16.onnx, model_q4.onnx": the first of the other models of its folder by name.
std::string others_beside(const fs::path& file) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(fs::absolute(file).parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const auto is_there = [&](const std::string& other) { return is_beside(file, other); };
    if (name.ends_with(".onnx") && name != file.filename() &&
        name != prompt_decoder(file.filename().string()) &&
        leading_decoder(name, is_there) == name) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  std::string text;
  const std::size_t named = std::min(names.size(), most_named);
  for (std::size_t i = 0; i < named; ++i) text += (i == 0 ? "beside " : ", ") + names[i];
  if (named < names.size()) text += fmt::format(" and {} more", names.size() - named);
  return text;
}

void add_detail(ModelDescription& description, std::string_view detail) {
  if (detail.empty()) return;
  if (!description.details.empty()) description.details += "; ";
  description.details += detail;
}

/// What of the graph is not as its configuration says, and what else there is.
void add_details(const OnnxModel& model, const DecoderGraph& decoder, const fs::path& file,
                 ModelDescription& description) {
  ModelSizes& sizes = description.sizes;
  const std::int64_t border = decoder.border.tokens;
  if (border > 0 && !decoder.border.by_mask && (sizes.context == 0 || sizes.context > border)) {
    sizes.context = border;
    add_detail(description, fmt::format("its context ends at {} tokens: the graph is made for "
                                        "another processor's way of going beyond",
                                        border));
  }
  auto& shape = description.shape;
  const bool windowed = shape && std::ranges::any_of(shape->layers, &LayerShape::windowed);
  if (windowed && shape->sliding_window < sizes.context && leaves_out_windows(model)) {
    add_detail(description, fmt::format("without the model's sliding window of {} tokens, which "
                                        "the graph leaves out",
                                        shape->sliding_window));
  }
  // Whatever a layer looks at, its cache holds the whole context.
  if (windowed) {
    for (LayerShape& layer : shape->layers) layer.windowed = false;
  }
  add_detail(description, others_beside(file));
}

void add_files(const OnnxModel& model, const fs::path& file, ModelDescription& description) {
  description.files.push_back(file);
  for (const std::string& name : model.external_files) {
    description.files.push_back(file.parent_path() / name);
  }
  description.weight_bytes += model.inline_bytes + model.external_bytes;
}

/// The graph as the engine will see it, and that of a pair's other part.
Result<DecoderGraph> read_graphs(const OnnxModel& model, const fs::path& file,
                                 ModelDescription& description) {
  const std::string name = file.filename().string();
  auto decoder = describe_decoder(model, description.sizes, file);
  if (!decoder.ok()) {
    Error error = std::move(decoder).error();
    const std::string leading =
        leading_decoder(name, [&](const std::string& other) { return is_beside(file, other); });
    if (leading != name) error.hint = fmt::format("name {} instead, which has all", leading);
    return error;
  }
  const std::string prompts = prompt_decoder(name);
  if (prompts.empty() || !is_beside(file, prompts)) return decoder;
  const fs::path other = file.parent_path() / prompts;
  const OnnxModel part = TRY(open_onnx_model(other));
  TRY(describe_prompt_decoder(part, *decoder, other));
  add_files(part, other, description);
  return decoder;
}

bool is_file_name(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos;
}

/// The files of a pipeline's graphs: a list of objects, each with one graph by its name.
void add_pipeline(const json& decoder, const fs::path& folder, ModelDescription& description) {
  for (const json& stage : decoder["pipeline"]) {
    if (!stage.is_object()) continue;
    for (const json& graph : stage) {
      const std::string file = graph.is_object() ? text(graph, "filename") : std::string();
      if (is_file_name(file) && is_beside(folder / "genai_config.json", file)) {
        description.files.push_back(folder / file);
      }
    }
  }
}

/// The model's file (genai_config.json itself if it names several), and what that tells besides.
Result<fs::path> read_genai(const fs::path& folder, ModelDescription& description) {
  const fs::path path = folder / "genai_config.json";
  const json config = TRY(read_json_object(path));
  const json model = part(config, "model");
  json decoder = part(model, "decoder");
  const std::string file = text(decoder, "filename");
  const bool is_pipeline = decoder.contains("pipeline");
  if (is_pipeline) {
    add_pipeline(decoder, folder, description);
    description.refusal =
        fail(ErrorCode::unsupported,
             fmt::format("{} is a pipeline of several graphs, made for an NPU", path.string()),
             "take the publisher's folder for the processor (cpu_and_mobile, cpu-int4)");
  } else if (!is_file_name(file)) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} names no model file in model.decoder.filename", path.string()),
                "download the model again");
  }
  description.details = "onnxruntime-genai";
  description.files.push_back(path);
  const std::int64_t window = positive(part(decoder, "sliding_window"), "window_size");
  if (window > 0) decoder["sliding_window"] = window;
  decoder["model_type"] = text(model, "type");
  decoder["max_position_embeddings"] = positive(model, "context_length");
  decoder["vocab_size"] = positive(model, "vocab_size");
  add_config(decoder, description);
  description.sampling = sampling_of_config(part(config, "search"));
  return is_pipeline ? path : folder / file;
}

}  // namespace

Result<ModelDescription> describe_onnx(const fs::path& path) {
  ModelDescription description;
  description.path = path;
  description.format = "onnx";
  std::error_code error;
  fs::path file = path;
  if (fs::is_directory(path, error)) {
    file = TRY(read_genai(path, description));
  } else if (is_beside(path, "genai_config.json")) {
    TRY(read_genai(path.parent_path(), description));
  }
  // The hub keeps models in a folder onnx/ below the one with the configuration.
  const fs::path folder = fs::absolute(file).parent_path();
  TRY(read_hf_folder({folder, folder.parent_path()}, description));
  if (description.refusal) return description;
  const OnnxModel model = TRY(open_onnx_model(file));
  description.file = file;
  add_files(model, file, description);
  description.quantization = quantization_of(model);
  description.parameters = model.parameters;
  const auto decoder = read_graphs(model, file, description);
  if (!decoder.ok() && decoder.error().code == ErrorCode::unsupported) {
    description.refusal = decoder.error();
    return description;
  }
  if (!decoder.ok()) return decoder.error();
  if (decoder->cache.front().type == OnnxType::float32) description.cache_type = "f32";
  add_details(model, *decoder, file, description);
  return description;
}

}  // namespace tenfold
