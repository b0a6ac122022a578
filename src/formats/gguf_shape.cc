// Key names and defaults as in llama.cpp's loader (src/llama-model.cpp of 0.6.0).
#include "formats/gguf_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr std::int64_t most_layers = 512;  // LLAMA_MAX_LAYERS
constexpr std::int64_t most_pattern_elements = 1 << 24;

/// One layer in `period` attends to the whole context, where the file does not say.
struct WindowPattern {
  std::string_view architecture;
  std::int64_t period;
  bool full_first = false;
};
constexpr std::array patterns = {
    WindowPattern{"gemma2", 2},
    WindowPattern{"gemma3", 6},
    WindowPattern{"gemma3n", 5},
    WindowPattern{"gpt-oss", 2},
    WindowPattern{"cohere2", 4},
    WindowPattern{"exaone4", 4},
    WindowPattern{"olmo2", 4},
    WindowPattern{"plamo3", 8},
    WindowPattern{"smallthinker", 4, true},
};

class ShapeReader {
 public:
  explicit ShapeReader(const GgufModel& model) : model_(model), file_(model.header) {}

  Result<ModelShape> read() {
    ModelShape shape;
    const auto layers = TRY(required("block_count", most_layers));
    shape.embedding = TRY(required("embedding_length", most_pattern_elements));
    shape.trained_context = TRY(required("context_length", std::int64_t{1} << 32));
    shape.heads = TRY(optional("attention.head_count", 0, 0));
    shape.feed_forward = TRY(optional("feed_forward_length", 0, 4 * shape.embedding));
    shape.sliding_window = TRY(optional("attention.sliding_window", 0, 0));
    if (const auto* tokens = file_.array("tokenizer.ggml.tokens")) {
      shape.vocabulary = static_cast<std::int64_t>(std::min<std::uint64_t>(tokens->count, 1 << 24));
    }
    if (const auto* merges = file_.array("tokenizer.ggml.merges")) {
      shape.merges = static_cast<std::int64_t>(std::min<std::uint64_t>(merges->count, 1 << 24));
    }
    std::int64_t recurrent_layers = 0;
    for (std::int64_t i = 0; i < layers; ++i) {
      shape.layers.push_back(TRY(layer(i, layers, shape)));
      if (shape.layers.back().key_elements == 0) ++recurrent_layers;
    }
    shape.recurrent_bytes = recurrent_layers * TRY(recurrent_elements(shape)) * 4;
    return shape;
  }

 private:
  [[nodiscard]] std::string key(std::string_view name) const {
    return fmt::format("{}.{}", model_.architecture, name);
  }

  [[nodiscard]] Error absurd(std::string_view name, std::int64_t value) const {
    return fail(ErrorCode::bad_model, fmt::format("{}: the metadata key {} has the value {}",
                                                  model_.files.front(), key(name), value));
  }

  Result<std::int64_t> required(std::string_view name, std::int64_t most) const {
    const auto value = file_.integer(key(name));
    if (!value) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{}: the metadata lacks {}", model_.files.front(), key(name)));
    }
    if (*value <= 0 || *value > most) return absurd(name, *value);
    return *value;
  }

  /// A scalar, or the element for `layer` of an array.
  Result<std::int64_t> optional(std::string_view name, std::int64_t layer,
                                std::int64_t fallback) const {
    std::int64_t value = fallback;
    if (const auto scalar = file_.integer(key(name))) {
      value = *scalar;
    } else if (const auto* array = file_.array(key(name))) {
      const auto index = static_cast<std::size_t>(layer);
      if (index < array->numbers.size()) {
        const double number = array->numbers[index];
        value =
            number >= 0 && number <= most_pattern_elements ? static_cast<std::int64_t>(number) : -1;
      }
    }
    if (value < 0 || value > most_pattern_elements) return absurd(name, value);
    return value;
  }

  Result<LayerShape> layer(std::int64_t index, std::int64_t layers, const ModelShape& shape) const {
    LayerShape layer;
    const auto heads = TRY(optional("attention.head_count", index, 0));
    auto kv_heads = TRY(optional("attention.head_count_kv", index, heads));
    const auto shared = TRY(optional("attention.shared_kv_layers", 0, 0));
    const auto interval = TRY(optional("full_attention_interval", 0, 0));
    const bool recurrent = interval > 0 && (index + 1) % interval != 0;
    if (index >= layers - shared || recurrent) kv_heads = 0;
    const auto width = heads > 0 ? shape.embedding / heads : 0;
    layer.key_elements = kv_heads * TRY(optional("attention.key_length", 0, width));
    layer.value_elements = kv_heads * TRY(optional("attention.value_length", 0, width));
    if (layer.key_elements > most_pattern_elements ||
        layer.value_elements > most_pattern_elements) {
      return absurd("attention.head_count_kv", kv_heads);
    }
    layer.windowed = shape.sliding_window > 0 && TRY(is_windowed(index));
    return layer;
  }

  Result<bool> is_windowed(std::int64_t index) const {
    constexpr std::string_view pattern_key = "attention.sliding_window_pattern";
    if (file_.array(key(pattern_key)) != nullptr) return TRY(optional(pattern_key, index, 0)) != 0;
    const auto* known =
        std::ranges::find(patterns, model_.architecture, &WindowPattern::architecture);
    const bool found = known != patterns.end();
    const auto period = TRY(optional(pattern_key, 0, found ? known->period : 1));
    if (period == 0) return true;
    return found && known->full_first ? index % period != 0 : index % period < period - 1;
  }

  /// Convolution and state of one recurrent layer: Mamba, RWKV, or LFM2's short convolution.
  Result<std::int64_t> recurrent_elements(const ModelShape& shape) const {
    if (const auto wkv = TRY(optional("wkv.head_size", 0, 0)); wkv > 0) {
      return shape.embedding * (TRY(optional("token_shift_count", 0, 2)) + wkv);
    }
    if (const auto cache = TRY(optional("shortconv.l_cache", 0, 0)); cache > 0) {
      return shape.embedding * (cache - 1);
    }
    const auto state = TRY(optional("ssm.state_size", 0, 0));
    const auto inner = TRY(optional("ssm.inner_size", 0, 0));
    const auto groups = TRY(optional("ssm.group_count", 0, 0));
    const auto kernel = std::max<std::int64_t>(1, TRY(optional("ssm.conv_kernel", 0, 1)));
    // Keeps the products below within 64 bits.
    for (const auto value : {state, groups, kernel}) {
      if (value > 65536) return absurd("ssm.*", value);
    }
    return (kernel - 1) * (inner + 2 * groups * state) + state * inner;
  }

  const GgufModel& model_;
  const GgufFile& file_;
};

}  // namespace

Result<ModelShape> read_shape(const GgufModel& model) { return ShapeReader(model).read(); }

}  // namespace tenfold
