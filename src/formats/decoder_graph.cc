// Layouts of optimum, transformers.js and the onnxruntime-genai model builder.
#include "formats/decoder_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold {
namespace {

constexpr const char* export_hint =
    "take a decoder with past: onnx/model.onnx, model_q4.onnx or model_quantized.onnx of "
    "onnx-community, a folder of onnxruntime-genai, or what optimum-cli export onnx --task "
    "text-generation-with-past makes";
// Far above any real model, and small enough that no product of sizes overflows.
constexpr std::int64_t most_vocabulary = 1 << 24;
constexpr std::int64_t widest_cache = 1 << 18;
constexpr std::int64_t widest_window = 1 << 24;

bool is_float(OnnxType type) {
  return type == OnnxType::float32 || type == OnnxType::float16 || type == OnnxType::bfloat16;
}

bool is_index(OnnxType type) { return type == OnnxType::int64 || type == OnnxType::int32; }

std::string with_form(const OnnxValue& value) {
  std::string shape;
  for (const std::int64_t size : value.shape) {
    shape += (shape.empty() ? "" : " x ") + (size < 0 ? "?" : std::to_string(size));
  }
  return fmt::format("{} ({} {})", value.name, to_string(value.type), shape);
}

/// Whether a dimension can be `size`.
bool allows(std::int64_t dimension, std::int64_t size) {
  return dimension == OnnxValue::symbolic || dimension == 0 || dimension == size;
}

class DecoderReader {
 public:
  DecoderReader(const OnnxModel& model, const ModelSizes& known, const std::string& path)
      : model_(model), known_(known), path_(path) {}

  Result<DecoderGraph> read() {
    TRY(check_kind());
    for (const OnnxValue& input : model_.inputs) TRY(read_input(input));
    if (graph_.cache.empty()) {
      return unsupported(has_presents() ? "reads prompts only: it makes a KV cache and takes none"
                                        : "has no KV cache: no input past_key_values.*");
    }
    TRY(read_logits());
    for (const OnnxNode& node : model_.nodes) {
      const auto window = node.integers.find("local_window_size");
      if (node.operation != "GroupQueryAttention" || window == node.integers.end()) continue;
      graph_.least_capacity =
          std::max(graph_.least_capacity, std::min(window->second, widest_window));
    }
    TRY(read_border());
    return std::move(graph_);
  }

  Result<DecoderGraph> read_prompt_part(const DecoderGraph& whole) {
    TRY(check_kind());
    for (const OnnxValue& input : model_.inputs) TRY(read_input(input));
    if (!graph_.cache.empty()) return unsupported("takes a KV cache, which it should only make");
    TRY(read_logits());
    for (const CacheTensor& tensor : whole.cache) {
      const OnnxValue* present = find(model_.outputs, tensor.present);
      if (present == nullptr || present->type != tensor.type) {
        return unsupported("does not make the " + tensor.present + " of its other part");
      }
    }
    const auto same_type = [](const auto& input, const auto& other) {
      return !input || (other && input->type == other->type);
    };
    const bool alike =
        graph_.tokens.type == whole.tokens.type && same_type(graph_.mask, whole.mask) &&
        same_type(graph_.positions, whole.positions) && !graph_.with_cache &&
        same_type(graph_.logits_to_keep, whole.logits_to_keep) &&
        same_type(whole.logits_to_keep, graph_.logits_to_keep) &&
        graph_.logits.type == whole.logits.type && graph_.vocabulary == whole.vocabulary &&
        graph_.last_logits_only == whole.last_logits_only;
    if (!alike) return unsupported("has other inputs or logits than its other part");
    TRY(read_border());
    if (graph_.border.tokens > 0 || whole.border.tokens > 0) {
      return unsupported(
          "is of a pair that chooses between tables of rotary positions, which one graph can");
    }
    return std::move(graph_);
  }

 private:
  static const OnnxValue* find(const std::vector<OnnxValue>& values, std::string_view name) {
    const auto found = std::ranges::find(values, name, &OnnxValue::name);
    return found == values.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool has_presents() const {
    return std::ranges::any_of(
        model_.outputs, [](const OnnxValue& output) { return output.name.starts_with("present"); });
  }

  /// Language models that take text and that run on a processor.
  [[nodiscard]] Result<void> check_kind() const {
    const auto compiled = std::ranges::find(model_.nodes, "EPContext", &OnnxNode::operation);
    if (compiled != model_.nodes.end()) {
      return fail(ErrorCode::unsupported,
                  path_ + " was compiled for one NPU or GPU: its graph is an EPContext",
                  "take the publisher's folder for the processor (cpu_and_mobile, cpu-int4)");
    }
    if (find(model_.inputs, "input_ids") == nullptr) {
      return unsupported("is no language model: it has no input input_ids");
    }
    return {};
  }

  Result<void> read_border() {
    auto border = find_rotary_border(model_);
    if (!border.ok()) return unsupported(border.error().message);
    graph_.border = *border;
    // A longer mask than there are tokens chooses the other tables; operators that take the mask
    // itself would not bear that.
    const bool in_place = std::ranges::all_of(graph_.cache, &CacheTensor::in_place);
    graph_.border.by_mask = graph_.border.by_mask && in_place && graph_.mask.has_value();
    return {};
  }

  [[nodiscard]] Error unsupported(std::string_view what) const {
    return fail(ErrorCode::unsupported, fmt::format("{} {}", path_, what), export_hint);
  }

  Result<void> read_input(const OnnxValue& input) {
    if (input.name == "input_ids") return take_sequence(input, graph_.tokens);
    if (input.name == "attention_mask") return take_sequence(input, graph_.mask.emplace());
    if (input.name == "position_ids") return take_sequence(input, graph_.positions.emplace());
    if (input.name == "num_logits_to_keep" || input.name == "logits_to_keep") {
      if (!is_index(input.type) || input.shape.size() > 1) return unknown_form(input);
      graph_.logits_to_keep = input;
      return {};
    }
    if (input.name == "use_cache_branch") {
      if (input.type != OnnxType::boolean || input.shape.size() != 1) return unknown_form(input);
      graph_.with_cache = input;
      return {};
    }
    if (input.name.starts_with("past")) return read_cache(input);
    return unsupported(fmt::format("has an input this engine does not know: {}", with_form(input)));
  }

  [[nodiscard]] Error unknown_form(const OnnxValue& value) const {
    return unsupported(fmt::format("has {} in a form this engine does not know", with_form(value)));
  }

  /// batch × tokens, of any length.
  Result<void> take_sequence(const OnnxValue& input, OnnxValue& into) const {
    const bool fits = is_index(input.type) && input.shape.size() == 2 &&
                      allows(input.shape[0], 1) && allows(input.shape[1], OnnxValue::symbolic);
    if (!fits) return unknown_form(input);
    into = input;
    return {};
  }

  Result<std::int64_t> dimension(const OnnxValue& value, std::size_t at, std::int64_t otherwise,
                                 std::string_view what) const {
    const std::int64_t size = value.shape[at] > 0 ? value.shape[at] : otherwise;
    if (size > 0) return size;
    return fail(ErrorCode::bad_model,
                fmt::format("{} leaves the {} of {} open, and no genai_config.json or config.json "
                            "beside it tells",
                            path_, what, value.name),
                "put the model's configuration file into the same folder");
  }

  Result<void> read_cache(const OnnxValue& input) {
    const OnnxValue* present = find_present(input.name);
    if (present == nullptr) {
      return unsupported(fmt::format("has {} without an output present for it", with_form(input)));
    }
    const bool fits = is_float(input.type) && input.shape.size() == 4 &&
                      allows(input.shape[0], 1) && allows(input.shape[2], OnnxValue::symbolic) &&
                      present->type == input.type;
    if (!fits) return unknown_form(input);
    CacheTensor tensor{input.name, present->name, input.type, 0, 0, false};
    tensor.heads = TRY(dimension(input, 1, known_.cache_heads, "number of heads"));
    tensor.head_size = TRY(dimension(input, 3, known_.head_size, "head size"));
    if (tensor.heads > widest_cache / tensor.head_size) {
      return unknown_form(input);
    }
    tensor.in_place = is_in_place(tensor);
    graph_.cache.push_back(std::move(tensor));
    return {};
  }

  [[nodiscard]] const OnnxValue* find_present(std::string_view past) const {
    for (const std::string_view prefix : {"past_key_values", "past"}) {
      if (!past.starts_with(prefix)) continue;
      const std::string rest(past.substr(prefix.size()));
      for (const char* present : {"present", "present_key_values"}) {
        if (const OnnxValue* found = find(model_.outputs, present + rest)) return found;
      }
    }
    return nullptr;
  }

  /// The operator's inputs 3 and 4 are the past, its outputs 1 and 2 the present key and value
  /// (ONNX Runtime's contrib operator documentation).
  [[nodiscard]] bool is_in_place(const CacheTensor& tensor) const {
    return std::ranges::any_of(model_.nodes, [&](const OnnxNode& node) {
      if (node.operation != "GroupQueryAttention" || node.inputs.size() < 5) return false;
      for (std::size_t i = 0; i < 2 && i + 1 < node.outputs.size(); ++i) {
        if (node.inputs[3 + i] == tensor.past && node.outputs[1 + i] == tensor.present) return true;
      }
      return false;
    });
  }

  Result<void> read_logits() {
    const OnnxValue* logits = find(model_.outputs, "logits");
    if (logits == nullptr) return unsupported("has no output logits");
    if (!is_float(logits->type) || logits->shape.size() != 3 || !allows(logits->shape[0], 1)) {
      return unknown_form(*logits);
    }
    graph_.logits = *logits;
    graph_.last_logits_only = logits->shape[1] == 1;
    const auto vocabulary = TRY(dimension(*logits, 2, known_.vocabulary, "vocabulary"));
    if (vocabulary > most_vocabulary) return unknown_form(*logits);
    graph_.vocabulary = static_cast<int>(vocabulary);
    return {};
  }

  const OnnxModel& model_;
  const ModelSizes& known_;
  const std::string& path_;
  DecoderGraph graph_;
};

}  // namespace

Result<DecoderGraph> describe_decoder(const OnnxModel& model, const ModelSizes& known,
                                      const std::string& path) {
  return DecoderReader(model, known, path).read();
}

Result<DecoderGraph> describe_prompt_decoder(const OnnxModel& model, const DecoderGraph& whole,
                                             const std::string& path) {
  ModelSizes known;
  known.vocabulary = whole.vocabulary;
  return DecoderReader(model, known, path).read_prompt_part(whole);
}

}  // namespace tenfold
