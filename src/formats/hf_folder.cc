#include "formats/hf_folder.h"

#include <optional>
#include <utility>

#include "base/files.h"
#include "engine/sampling.h"
#include "formats/generation_defaults.h"
#include "formats/mapped_file.h"
#include "formats/named_templates.h"
#include "formats/tokenizer_file.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::int64_t most_config_layers = 1024;
constexpr std::size_t longest_template = 1 << 20;
constexpr std::size_t longest_architecture = 64;

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
  if (layers == 0 || layers > most_config_layers || heads == 0 || shape.embedding == 0) return {};
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

/// One template, or of several the ones called "default" and "tool_use".
std::string template_in(const json& config) {
  const auto source = config.find("chat_template");
  if (source == config.end()) return {};
  if (source->is_string()) return source->get<std::string>();
  std::string standard;
  std::string for_tools;
  for (const json& entry : *source) {
    if (!entry.is_object()) continue;
    if (text(entry, "name") == "default") standard = text(entry, "template");
    if (text(entry, "name") == "tool_use") for_tools = text(entry, "template");
  }
  return with_tool_template(std::move(standard), std::move(for_tools));
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// A token is written as its text, or as an object with its text in "content"; null: none.
std::string token_text(const json& config, const char* name) {
  const json token = part(config, name);
  return token.empty() ? text(config, name) : text(token, "content");
}

/// What a tokenizer.json would have in itself.
std::string token_settings(const json& config) {
  json settings = json::object();
  for (const char* key : {"added_tokens_decoder", "add_bos_token"}) {
    if (const auto found = config.find(key); found != config.end()) settings[key] = *found;
  }
  return settings.empty() ? "" : settings.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Empty: there is none.
fs::path tokenizer_in(const fs::path& folder) {
  for (const char* name : tokenizer_names) {
    if (is_there(folder / name)) return folder / name;
  }
  return {};
}

/// One id, a list of ids, or null.
std::vector<TokenId> token_ids(const json& config, const char* name) {
  std::vector<TokenId> ids;
  const auto entry = config.find(name);
  if (entry == config.end()) return ids;
  const json list = entry->is_array() ? *entry : json::array({*entry});
  for (const json& id : list) {
    const auto number = id.is_number_integer() ? id.get<std::int64_t>() : -1;
    if (number >= 0 && std::in_range<TokenId>(number)) ids.push_back(static_cast<TokenId>(number));
  }
  return ids;
}

/// Beginning and ends by id; models of several modalities keep the language model's part one level
/// down.
void add_ids(const json& config, ModelText& text) {
  for (const json& level : {config, part(config, "text_config")}) {
    for (const TokenId id : token_ids(level, "eos_token_id")) text.ends.push_back(id);
    const auto begin = token_ids(level, "bos_token_id");
    if (text.begin < 0 && !begin.empty()) text.begin = begin.front();
  }
}

/// The text side, of the one folder that has the tokenizer.
class TextFiles {
 public:
  TextFiles(fs::path folder, ModelDescription& description)
      : folder_(std::move(folder)), description_(description) {}

  Result<void> read() {
    TRY(read_tokenizer());
    TRY(read_template());
    ModelText& text = description_.text;
    if (const auto config = TRY(object("generation_config.json"))) {
      // What the runtime's own file said before comes first.
      fill_sampling(description_.sampling, sampling_of_config(*config));
      add_ids(*config, text);
    }
    if (const auto config = TRY(object("config.json"))) add_ids(*config, text);
    if (const auto config = TRY(object("genai_config.json"))) {
      const json model = part(*config, "model");
      add_ids(model, text);
      if (description_.architecture.empty()) {
        description_.architecture = tenfold::text(model, "type");
      }
    }
    return {};
  }

 private:
  /// Nothing where there is no such file.
  Result<std::optional<json>> object(const char* name) {
    const fs::path path = folder_ / name;
    if (!is_there(path)) return std::optional<json>();
    description_.files.push_back(path);
    return std::optional(TRY(read_json_object(path)));
  }

  Result<void> read_tokenizer() {
    const fs::path path = tokenizer_in(folder_);
    if (path.empty()) return {};
    const MappedFile file = TRY(MappedFile::open(path));
    const TokenizerFile tokenizer = TRY(read_tokenizer_file(file.bytes(), path));
    description_.tokenizer = tokenizer.kind;
    if (description_.vocabulary == 0) description_.vocabulary = tokenizer.vocabulary;
    description_.text.tokenizer = path;
    description_.turn_mark = tokenizer.turn_mark;
    form_ = tokenizer.form;
    description_.files.push_back(path);
    return {};
  }

  Result<void> read_template() {
    ModelText& text = description_.text;
    if (const auto config = TRY(object("tokenizer_config.json"))) {
      text.begin_token = token_text(*config, "bos_token");
      text.end_token = token_text(*config, "eos_token");
      if (form_ != TokenizerForm::json) text.token_settings = token_settings(*config);
      take_template(template_in(*config), folder_ / "tokenizer_config.json");
    }
    if (const auto config = TRY(object("chat_template.json"))) {
      take_template(template_in(*config), folder_ / "chat_template.json");
    }
    const fs::path jinja = folder_ / "chat_template.jinja";
    if (is_there(jinja)) take_template(TRY(read_template_file(jinja)), jinja);
    const fs::path for_tools = folder_ / "additional_chat_templates" / "tool_use.jinja";
    if (is_there(for_tools)) {
      text.chat_template =
          with_tool_template(std::move(text.chat_template), TRY(read_template_file(for_tools)));
      if (text.template_source.empty()) text.template_source = for_tools;
    }
    return {};
  }

  Result<std::string> read_template_file(const fs::path& path) {
    description_.files.push_back(path);
    return read_file(path, longest_template);
  }

  void take_template(std::string source, const fs::path& file) {
    if (source.empty()) return;
    description_.text.chat_template = std::move(source);
    description_.text.template_source = file;
  }

  const fs::path folder_;
  ModelDescription& description_;
  TokenizerForm form_ = TokenizerForm::json;
};

}  // namespace

void add_config(const json& config, ModelDescription& description) {
  const std::string type = text(config, "model_type");
  if (!type.empty() && type.size() <= longest_architecture) description.architecture = type;
  const json inner = part(config, "text_config");
  const json& model = inner.empty() ? config : inner;
  const auto take = [&](std::int64_t& field, std::initializer_list<const char*> keys) {
    if (field == 0) field = first_positive(model, keys);
  };
  ModelSizes& sizes = description.sizes;
  take(sizes.context, {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"});
  take(sizes.vocabulary, {"vocab_size"});
  take(sizes.cache_heads, {"num_key_value_heads", "num_attention_heads", "n_head", "n_heads"});
  take(sizes.head_size, {"head_dim", "head_size"});
  const std::int64_t heads = first_positive(model, {"num_attention_heads", "n_head", "n_heads"});
  if (sizes.head_size == 0 && heads > 0) {
    sizes.head_size = first_positive(model, {"hidden_size", "n_embd", "d_model"}) / heads;
  }
  if (description.vocabulary == 0) description.vocabulary = sizes.vocabulary;
  if (description.shape) return;
  description.shape = shape_of(model);
  if (!description.shape) return;
  description.shape->trained_context = sizes.context;
  description.shape->vocabulary = description.vocabulary;
}

Result<void> read_hf_folder(const std::vector<fs::path>& folders, ModelDescription& description) {
  fs::path home = folders.front();
  for (const fs::path& folder : folders) {
    if (!tokenizer_in(folder).empty()) {
      home = folder;
      break;
    }
  }
  for (const fs::path& folder : folders) {
    if (!is_there(folder / "config.json")) continue;
    add_config(TRY(read_json_object(folder / "config.json")), description);
    description.files.push_back(folder / "config.json");
    break;
  }
  return TextFiles(home, description).read();
}

}  // namespace tenfold
