// genai_config.json (onnxruntime-genai) and config.json (Hugging Face).
#include "model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "formats/model_path.h"

namespace tenfold::onnxruntime {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLargestConfig = 16 << 20;
constexpr std::int64_t kLongestContext = 1 << 30;

/// An empty object when there is no such file.
Result<json> read_object(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return json::object();
  json object = json::parse(TRY(read_file(path, kLargestConfig)), nullptr, false);
  if (object.is_object()) return object;
  return fail(ErrorCode::bad_model, fmt::format("{} is not a JSON object", path.string()),
              "download the model again");
}

json child(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : json::object();
}

/// The first of the names that is a positive integer; 0 if none is.
std::int64_t number(const json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) continue;
    if (const auto value = found->get<std::int64_t>(); value > 0) return value;
  }
  return 0;
}

/// Fills what is still 0.
void complete(Dimensions& known, const Dimensions& more) {
  for (auto member : {&Dimensions::context, &Dimensions::cache_heads, &Dimensions::head_size,
                      &Dimensions::vocabulary}) {
    if (known.*member == 0) known.*member = more.*member;
  }
}

/// Both kinds of file name the sizes of attention alike.
Dimensions attention(const json& object) {
  const std::int64_t heads = number(object, {"num_attention_heads", "n_head"});
  const std::int64_t width = number(object, {"hidden_size", "n_embd"});
  Dimensions found;
  found.cache_heads = number(object, {"num_key_value_heads"});
  if (found.cache_heads == 0) found.cache_heads = heads;
  found.head_size = number(object, {"head_size", "head_dim"});
  if (found.head_size == 0 && heads > 0) found.head_size = width / heads;
  return found;
}

Dimensions genai_dimensions(const json& config) {
  const json model = child(config, "model");
  Dimensions found = attention(child(model, "decoder"));
  found.context = number(model, {"context_length"});
  found.vocabulary = number(model, {"vocab_size"});
  return found;
}

Dimensions hub_dimensions(const json& config) {
  // Models of several modalities keep the language model's part one level down.
  const json text = child(config, "text_config");
  const json& model = text.empty() ? config : text;
  Dimensions found = attention(model);
  found.context = number(model, {"max_position_embeddings", "n_positions", "n_ctx"});
  found.vocabulary = number(model, {"vocab_size"});
  return found;
}

Result<std::string> genai_graph(const fs::path& folder, const json& config) {
  const json decoder = child(child(config, "model"), "decoder");
  const auto name = decoder.find("filename");
  const fs::path file = name != decoder.end() && name->is_string() ? name->get<std::string>() : "";
  if (!file.empty() && file == file.filename()) return (folder / file).string();
  return fail(ErrorCode::unsupported,
              fmt::format("{} names no file of this folder as model.decoder.filename",
                          (folder / "genai_config.json").string()),
              "only decoders in one graph run");
}

}  // namespace

Result<ModelFiles> find_model_files(const std::string& path) {
  const DetectedModel model = TRY(detect_model(path));
  if (model.format != "onnx") {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is not an ONNX model but {}", path, model.format),
                "choose an .onnx file, or a folder with one");
  }
  ModelFiles files;
  files.graph = model.path.string();
  std::error_code error;
  if (fs::is_directory(model.path, error)) {
    files.graph = TRY(genai_graph(model.path, TRY(read_object(model.path / "genai_config.json"))));
  }
  const fs::path folder = fs::absolute(files.graph, error).parent_path();
  files.folders = {folder, folder.parent_path()};
  complete(files.dimensions, genai_dimensions(TRY(read_object(folder / "genai_config.json"))));
  for (const fs::path& place : files.folders) {
    complete(files.dimensions, hub_dimensions(TRY(read_object(place / "config.json"))));
  }
  files.dimensions.context = std::min(files.dimensions.context, kLongestContext);
  return files;
}

}  // namespace tenfold::onnxruntime
