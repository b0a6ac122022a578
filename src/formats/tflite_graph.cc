// Model → buffers (4), subgraphs (2) with tensors (0), signatures (7); see tflite_check.h.
#include "formats/tflite_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "formats/flatbuffer.h"
#include "formats/litert_embedder.h"
#include "formats/tflite_check.h"
#include "formats/tflite_signatures.h"
#include "formats/tflite_weights.h"

namespace tenfold {
namespace {

/// TensorType of the schema.
std::string type_name(std::uint8_t type) {
  static const std::map<std::uint8_t, std::string> names{
      {0, "float32"}, {1, "float16"}, {2, "int32"}, {3, "uint8"},     {4, "int64"}, {6, "boolean"},
      {7, "int16"},   {9, "int8"},    {17, "int4"}, {18, "bfloat16"}, {19, "int2"}};
  const auto found = names.find(type);
  return found == names.end() ? fmt::format("type {}", type) : found->second;
}

void add_weights(const TfliteWeights& weights, ModelDescription& description) {
  description.weight_bytes = weights.bytes;
  description.parameters = weights.parameters;
  const auto most = std::ranges::max_element(weights.bytes_by_type, {},
                                             [](const auto& entry) { return entry.second; });
  if (most != weights.bytes_by_type.end()) description.quantization = type_name(most->first);
}

/// Context, vocabulary and shape, where this is a decode signature with a larger cache than those
/// before it.
void read_decode(const FlatTable& model, const FlatTable& signature,
                 ModelDescription& description) {
  ModelShape shape;
  std::int64_t context = 0;
  for (std::uint32_t i = 0; i < std::min(signature.size(0), most_signature_tensors); ++i) {
    const auto entry = signature.entry(0, i);
    const auto name = entry ? entry->string(0) : std::nullopt;
    const auto tensor = entry ? signature_tensor(model, signature, *entry) : std::nullopt;
    if (!name || !tensor || !name->starts_with("kv_cache_k_")) continue;
    const auto dimensions = tflite_dimensions(*tensor);
    if (dimensions.empty()) continue;
    const std::int64_t longest = std::ranges::max(dimensions);
    if (longest == 0) continue;
    context = context == 0 ? longest : std::min(context, longest);
    const auto elements =
        static_cast<std::int64_t>(std::min<std::uint64_t>(tflite_elements(*tensor), INT64_MAX) /
                                  static_cast<std::uint64_t>(longest));
    shape.layers.push_back({elements, elements, false});
  }
  for (std::uint32_t i = 0; i < std::min(signature.size(1), most_signature_tensors); ++i) {
    const auto entry = signature.entry(1, i);
    const auto tensor = entry ? signature_tensor(model, signature, *entry) : std::nullopt;
    if (!tensor || entry->string(0) != "logits") continue;
    const auto dimensions = tflite_dimensions(*tensor);
    if (!dimensions.empty()) description.vocabulary = dimensions.back();
  }
  if (context <= description.sizes.context || shape.layers.empty()) return;
  shape.trained_context = description.sizes.context = context;
  shape.vocabulary = description.vocabulary;
  description.shape = std::move(shape);
}

/// Whether the engine finds a language model in the signatures when it loads them.
Result<void> check_runs(const std::vector<litert::Signature>& signatures,
                        const std::optional<FlatTable>& embedder,
                        const std::optional<FlatTable>& per_layer, const std::string& name) {
  litert::EmbedderSignatures beside;
  if (embedder) beside.embedder = TRY(tflite_signatures(*embedder, name));
  if (per_layer) beside.per_layer = TRY(tflite_signatures(*per_layer, name));
  const litert::Graph graph = TRY(litert::read_graph(signatures, 0, name));
  TRY(litert::match_embedders(graph, beside, name));
  return {};
}

Result<FlatTable> checked_root(const TfliteBytes& model, const std::string& name) {
  TRY(check_tflite(model.graph, name, model.weights));
  return *FlatTable::root(model.graph);
}

}  // namespace

Result<void> add_tflite(const TfliteBytes& bytes, const std::string& name,
                        ModelDescription& description, const TfliteEmbedders& embedders) {
  const FlatTable model = TRY(checked_root(bytes, name));
  std::optional<FlatTable> embedder;
  std::optional<FlatTable> per_layer;
  if (embedders.embedder) embedder = TRY(checked_root(*embedders.embedder, name));
  if (embedders.per_layer) per_layer = TRY(checked_root(*embedders.per_layer, name));
  description.cache_type = "f32";
  TfliteWeights weights;
  weights.add(model);
  if (embedder) weights.add(*embedder);
  if (per_layer) weights.add(*per_layer);
  add_weights(weights, description);
  const auto signatures = tflite_signatures(model, name);
  description.details = fmt::format("{} signatures", model.size(7));
  if (!signatures.ok()) {
    description.refusal = signatures.error();
    return {};
  }
  for (const litert::Signature& signature : *signatures) {
    if (!signature.key.starts_with("decode")) continue;
    read_decode(model, *model.entry(7, static_cast<std::uint32_t>(signature.index)), description);
  }
  if (auto can = check_runs(*signatures, embedder, per_layer, name); !can.ok()) {
    description.refusal = can.error();
  }
  return {};
}

}  // namespace tenfold
