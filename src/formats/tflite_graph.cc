// Model → buffers (4), subgraphs (2) with tensors (0), signatures (7); see tflite_check.h.
#include "formats/tflite_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "formats/flatbuffer.h"
#include "formats/litert_graph.h"
#include "formats/tflite_check.h"

namespace tenfold {
namespace {

constexpr std::uint32_t most_dimensions = 8;
constexpr std::uint32_t most_signatures = 1000;
constexpr std::uint32_t most_inputs = 10'000;
/// Each input is compared with all outputs; a model of 100 layers has 40,000 pairs a signature.
constexpr std::uint64_t most_pairs = 10'000'000;
/// Of all signatures, which may share one list; a model of 100 layers has 400 a signature.
constexpr std::uint64_t most_listed = 100'000;

/// TensorType of the schema.
std::string type_name(std::uint8_t type) {
  static const std::map<std::uint8_t, std::string> names{
      {0, "float32"}, {1, "float16"}, {2, "int32"}, {3, "uint8"}, {4, "int64"},
      {6, "boolean"}, {7, "int16"},   {9, "int8"},  {17, "int4"}, {18, "bfloat16"}};
  const auto found = names.find(type);
  return found == names.end() ? fmt::format("type {}", type) : found->second;
}

/// As the runtime numbers it; others are as different from each other as they are in the file.
litert::Element element_of(std::uint8_t type) {
  constexpr std::int32_t others = 1000;
  switch (type) {
    case 0:
      return litert::Element::float32;
    case 1:
      return litert::Element::float16;
    case 2:
      return litert::Element::int32;
    case 6:
      return litert::Element::boolean;
    default:
      return static_cast<litert::Element>(others + type);
  }
}

bool is_index(std::uint8_t type) { return type == 2 || type == 4 || type == 5 || type == 6; }

std::vector<std::int64_t> dimensions_of(const FlatTable& tensor) {
  std::vector<std::int64_t> dimensions;
  const std::uint32_t count = std::min(tensor.size(0), most_dimensions);
  for (std::uint32_t i = 0; i < count; ++i) {
    dimensions.push_back(std::max(0, tensor.element<std::int32_t>(0, i).value_or(0)));
  }
  return dimensions;
}

/// 0 if it overflows.
std::uint64_t elements_of(const FlatTable& tensor) {
  std::uint64_t product = 1;
  for (const std::int64_t size : dimensions_of(tensor)) {
    if (__builtin_mul_overflow(product, static_cast<std::uint64_t>(size), &product)) return 0;
  }
  return product;
}

class Graph {
 public:
  Graph(FlatTable model, ModelDescription& description)
      : model_(model), description_(description) {}

  void read(const std::string& name) {
    read_weights();
    const std::uint32_t signatures = std::min(model_.size(7), most_signatures);
    description_.details = fmt::format("{} signatures", signatures);
    if (auto few = check_count(signatures, name); !few.ok()) {
      description_.refusal = few.error();
      return;
    }
    for (std::uint32_t i = 0; i < signatures; ++i) {
      const auto signature = model_.entry(7, i);
      if (signature->string(2)->starts_with("decode")) read_decode(*signature);
    }
    if (auto can = check_runs(name); !can.ok()) description_.refusal = can.error();
  }

 private:
  [[nodiscard]] Result<void> check_count(std::uint32_t signatures, const std::string& name) const {
    std::uint64_t tensors = 0;
    std::uint64_t pairs = 0;
    for (std::uint32_t i = 0; i < signatures; ++i) {
      const auto table = model_.entry(7, i);
      tensors += std::uint64_t{table->size(0)} + table->size(1);
      pairs += std::uint64_t{table->size(0)} * table->size(1);
    }
    if (tensors <= most_listed && pairs <= most_pairs) return {};
    return fail(ErrorCode::unsupported, name + " has signatures with too many tensors",
                "choose a language model exported with litert-torch");
  }

  /// What the engine finds out of it when it loads it.
  [[nodiscard]] Result<void> check_runs(const std::string& name) const {
    if (takes_embeddings_ && !takes_tokens_) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: its model takes embeddings, which another model beside it makes "
                              "of the tokens (tf_lite_embedder, as in bundles of Gemma 3n and 4); "
                              "LiteRT here runs a model that takes tokens",
                              name),
                  "use the GGUF of the same model, or a bundle of one model such as Gemma 3's");
    }
    std::vector<litert::Signature> signatures;
    for (std::uint32_t i = 0; i < std::min(model_.size(7), most_signatures); ++i) {
      const auto table = model_.entry(7, i);
      signatures.push_back(
          {std::string(*table->string(2)), i, tensors_of(*table, 0), tensors_of(*table, 1)});
    }
    TRY(litert::read_graph(signatures, 0, name));
    return {};
  }

  /// The inputs (0) or outputs (1) of a signature.
  [[nodiscard]] std::vector<litert::Tensor> tensors_of(const FlatTable& signature,
                                                       int field) const {
    std::vector<litert::Tensor> tensors;
    for (std::uint32_t i = 0; i < std::min(signature.size(field), most_inputs); ++i) {
      const auto entry = signature.entry(field, i);
      const auto name = entry ? entry->string(0) : std::nullopt;
      const auto tensor = entry ? tensor_of(signature, *entry) : std::nullopt;
      if (!name || !tensor) continue;
      litert::Tensor described{
          std::string(*name), element_of(tensor->number<std::uint8_t>(1).value_or(0)), {}};
      for (const std::int64_t size : dimensions_of(*tensor)) {
        described.dimensions.push_back(static_cast<std::int32_t>(size));
      }
      tensors.push_back(std::move(described));
    }
    return tensors;
  }

  [[nodiscard]] std::uint64_t buffer_bytes(std::uint32_t index) const {
    const auto buffer = model_.entry(4, index);
    if (!buffer) return 0;
    const auto inside = buffer->string(0);
    return inside && !inside->empty() ? inside->size()
                                      : buffer->number<std::uint64_t>(2).value_or(0);
  }

  /// Signatures share weights: each buffer counts once.
  void read_weights() {
    std::vector<bool> seen(model_.size(4));
    std::map<std::uint8_t, std::uint64_t> bytes_by_type;
    for (std::uint32_t graph = 0; graph < model_.size(2); ++graph) {
      const FlatTable subgraph = *model_.entry(2, graph);
      for (std::uint32_t i = 0; i < subgraph.size(0); ++i) {
        const FlatTable tensor = *subgraph.entry(0, i);
        const auto buffer = tensor.number<std::uint32_t>(2).value_or(0);
        const std::uint64_t bytes = buffer_bytes(buffer);
        if (seen[buffer] || bytes == 0) continue;
        seen[buffer] = true;
        const auto type = tensor.number<std::uint8_t>(1).value_or(0);
        description_.weight_bytes += bytes;
        bytes_by_type[type] += bytes;
        if (!is_index(type)) description_.parameters += elements_of(tensor);
      }
    }
    const auto most =
        std::ranges::max_element(bytes_by_type, {}, [](const auto& entry) { return entry.second; });
    if (most != bytes_by_type.end()) description_.quantization = type_name(most->first);
  }

  /// The tensor of an entry of a signature's map.
  [[nodiscard]] std::optional<FlatTable> tensor_of(const FlatTable& signature,
                                                   const FlatTable& entry) const {
    const auto subgraph = model_.entry(2, signature.number<std::uint32_t>(4).value_or(0));
    return subgraph ? subgraph->entry(0, entry.number<std::uint32_t>(1).value_or(0)) : std::nullopt;
  }

  void read_decode(const FlatTable& signature) {
    ModelShape shape;
    std::int64_t context = 0;
    for (std::uint32_t i = 0; i < std::min(signature.size(0), most_inputs); ++i) {
      const auto entry = signature.entry(0, i);
      const auto name = entry ? entry->string(0) : std::nullopt;
      takes_tokens_ |= name == "tokens" || name == "token_ids";
      takes_embeddings_ |= name == "embeddings";
      const auto tensor = entry ? tensor_of(signature, *entry) : std::nullopt;
      if (!name || !tensor || !name->starts_with("kv_cache_k_")) continue;
      const auto dimensions = dimensions_of(*tensor);
      if (dimensions.empty()) continue;
      const std::int64_t longest = std::ranges::max(dimensions);
      if (longest == 0) continue;
      context = context == 0 ? longest : std::min(context, longest);
      const auto elements =
          static_cast<std::int64_t>(std::min<std::uint64_t>(elements_of(*tensor), INT64_MAX) /
                                    static_cast<std::uint64_t>(longest));
      shape.layers.push_back({elements, elements, false});
    }
    for (std::uint32_t i = 0; i < std::min(signature.size(1), most_inputs); ++i) {
      const auto entry = signature.entry(1, i);
      const auto tensor = entry ? tensor_of(signature, *entry) : std::nullopt;
      if (!tensor || entry->string(0) != "logits") continue;
      const auto dimensions = dimensions_of(*tensor);
      if (!dimensions.empty()) description_.vocabulary = dimensions.back();
    }
    if (context <= description_.sizes.context || shape.layers.empty()) return;
    shape.trained_context = description_.sizes.context = context;
    shape.vocabulary = description_.vocabulary;
    description_.shape = std::move(shape);
  }

  FlatTable model_;
  ModelDescription& description_;
  bool takes_tokens_ = false;
  bool takes_embeddings_ = false;
};

}  // namespace

Result<void> add_tflite(std::string_view bytes, const std::string& name,
                        ModelDescription& description) {
  TRY(check_tflite(bytes, name));
  description.cache_type = "f32";
  Graph(*FlatTable::root(bytes), description).read(name);
  return {};
}

}  // namespace tenfold
