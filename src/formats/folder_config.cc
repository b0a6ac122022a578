#include "formats/folder_config.h"

#include <algorithm>

#include "base/files.h"
#include "engine/sampling.h"
#include "formats/generation_defaults.h"
#include "formats/mapped_file.h"
#include "formats/tokenizer_file.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::int64_t kMostLayers = 1024;
constexpr std::size_t kLongestTemplate = 1 << 20;

std::int64_t first_positive(const json& config, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (const std::int64_t value = positive(config, key); value > 0) return value;
  }
  return 0;
}

/// Whether a layer sees the sliding window only; models differ in how they write it.
bool is_windowed(const json& config, std::int64_t layer) {
  const auto types = config.find("layer_types");
  if (types != config.end() && types->is_array()) {
    const auto index = static_cast<std::size_t>(layer);
    return index < types->size() && (*types)[index] == "sliding_attention";
  }
  if (const std::int64_t pattern = positive(config, "sliding_window_pattern"); pattern > 0) {
    return (layer + 1) % pattern != 0;
  }
  return config.value("use_sliding_window", json(true)) == json(true);
}

std::optional<ModelShape> shape_of(const json& config) {
  const std::int64_t layers = first_positive(config, {"num_hidden_layers", "n_layer", "n_layers"});
  const std::int64_t heads = first_positive(config, {"num_attention_heads", "n_head", "n_heads"});
  ModelShape shape;
  shape.embedding = first_positive(config, {"hidden_size", "n_embd", "d_model"});
  if (layers == 0 || layers > kMostLayers || heads == 0 || shape.embedding == 0) return {};
  shape.heads = heads;
  shape.feed_forward = first_positive(config, {"intermediate_size", "n_inner"});
  if (shape.feed_forward == 0) shape.feed_forward = 4 * shape.embedding;
  shape.sliding_window = positive(config, "sliding_window");
  const std::int64_t stated = first_positive(config, {"head_dim", "head_size"});
  const std::int64_t head = stated > 0 ? stated : shape.embedding / heads;
  const std::int64_t stated_heads = positive(config, "num_key_value_heads");
  const std::int64_t elements = (stated_heads > 0 ? stated_heads : heads) * head;
  for (std::int64_t i = 0; i < layers; ++i) {
    shape.layers.push_back(
        {elements, elements, shape.sliding_window > 0 && is_windowed(config, i)});
  }
  return shape;
}

/// One template, or the one called "default" of several.
std::string template_in(const json& config) {
  const auto source = config.find("chat_template");
  if (source == config.end()) return {};
  if (source->is_string()) return source->get<std::string>();
  for (const json& entry : *source) {
    if (entry.is_object() && text(entry, "name") == "default") return text(entry, "template");
  }
  return {};
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

Result<void> add_tokenizer(const fs::path& folder, ModelDescription& description) {
  const fs::path path = folder / "tokenizer.json";
  if (!is_there(path)) return {};
  const MappedFile file = TRY(MappedFile::open(path));
  const TokenizerFile tokenizer = TRY(read_tokenizer_file(file.bytes(), path));
  description.tokenizer = tokenizer.kind;
  if (description.vocabulary == 0) description.vocabulary = tokenizer.vocabulary;
  description.files.push_back(path);
  return {};
}

}  // namespace

void add_config(const json& config, ModelDescription& description) {
  if (const std::string type = text(config, "model_type"); !type.empty()) {
    description.architecture = type;
  }
  const json inner = part(config, "text_config");
  const json& model = inner.empty() ? config : inner;
  const auto take = [&](std::int64_t& field, std::initializer_list<const char*> keys) {
    if (field == 0) field = first_positive(model, keys);
  };
  take(description.trained_context, {"max_position_embeddings", "n_positions", "max_seq_len"});
  take(description.vocabulary, {"vocab_size"});
  if (description.shape) return;
  description.shape = shape_of(model);
  if (!description.shape) return;
  description.shape->trained_context = description.trained_context;
  description.shape->vocabulary = description.vocabulary;
}

Result<void> add_folder_config(const fs::path& folder, ModelDescription& description) {
  if (is_there(folder / "config.json")) {
    add_config(TRY(read_json_object(folder / "config.json")), description);
    description.files.push_back(folder / "config.json");
  }
  if (is_there(folder / "generation_config.json")) {
    // What the runtime's own file said before comes first.
    fill_sampling(description.sampling,
                  sampling_of_config(TRY(read_json_object(folder / "generation_config.json"))));
    description.files.push_back(folder / "generation_config.json");
  }
  TRY(add_tokenizer(folder, description));
  std::string source;
  if (is_there(folder / "tokenizer_config.json")) {
    source = template_in(TRY(read_json_object(folder / "tokenizer_config.json")));
    description.files.push_back(folder / "tokenizer_config.json");
  }
  if (is_there(folder / "chat_template.jinja")) {
    source = TRY(read_file(folder / "chat_template.jinja", kLongestTemplate));
    description.files.push_back(folder / "chat_template.jinja");
  }
  if (description.chat_template.empty()) description.chat_template = source;
  return {};
}

}  // namespace tenfold
