#include "formats/mlc_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/generation_defaults.h"
#include "formats/hf_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Weights that a tensor stands for: 32-bit words hold several, scales none. "q4f16_1": 4 bits.
std::uint64_t parameters_in(const json& tensor, const std::string& quantization) {
  const auto shape = tensor.find("shape");
  const std::string name = text(tensor, "name");
  if (shape == tensor.end() || !shape->is_array() || name.ends_with("q_scale")) return 0;
  std::uint64_t elements = 1;
  for (const json& size : *shape) {
    const auto factor = size.is_number_unsigned() ? size.get<std::uint64_t>() : 0;
    if (__builtin_mul_overflow(elements, factor, &elements)) return 0;
  }
  if (text(tensor, "dtype") != "uint32" || !quantization.starts_with('q')) return elements;
  const int bits = quantization.size() > 1 ? quantization[1] - '0' : 0;
  return bits >= 1 && bits <= 8 ? elements * (32U / static_cast<unsigned>(bits)) : 0;
}

Result<void> add_shard(const fs::path& folder, const json& shard, ModelDescription& description) {
  const std::string name = shard.is_object() ? text(shard, "dataPath") : std::string();
  if (name.empty() || name.find('/') != std::string::npos) {
    return fail(ErrorCode::bad_model,
                fmt::format("the list of weights in {} names no file beside it", folder.string()),
                "download the model again");
  }
  std::error_code error;
  const auto size = fs::file_size(folder / name, error);
  const auto wanted = static_cast<std::uint64_t>(positive(shard, "nbytes"));
  if (error || size < wanted) {
    return fail(
        ErrorCode::bad_model,
        fmt::format("{} {}", (folder / name).string(),
                    error ? "is missing"
                          : fmt::format("is truncated: it has {} of {} bytes", size, wanted)),
        "download the model again");
  }
  description.weight_bytes += wanted;
  description.files.push_back(folder / name);
  const auto tensors = shard.find("records");
  if (tensors == shard.end() || !tensors->is_array()) return {};
  for (const json& tensor : *tensors) {
    if (!tensor.is_object()) continue;
    description.parameters += parameters_in(tensor, description.quantization);
  }
  return {};
}

}  // namespace

Result<ModelDescription> describe_mlc_folder(const fs::path& folder) {
  ModelDescription description;
  description.path = folder;
  description.format = "mlc";
  const json config = TRY(read_json_object(folder / "mlc-chat-config.json"));
  description.files.push_back(folder / "mlc-chat-config.json");
  description.architecture = text(config, "model_type");
  description.quantization = text(config, "quantization");
  description.sizes.context = positive(config, "context_window_size");
  description.vocabulary = positive(config, "vocab_size");
  description.cache_type =
      description.quantization.find("f32") == std::string::npos ? "f16" : "f32";
  add_config(part(config, "model_config"), description);
  description.sampling = sampling_of_config(config);
  if (const std::string name = text(part(config, "conv_template"), "name"); !name.empty()) {
    description.details = "conversation template " + name;
  }
  std::error_code error;
  const bool renamed = fs::exists(folder / "tensor-cache.json", error);
  const fs::path list = folder / (renamed ? "tensor-cache.json" : "ndarray-cache.json");
  const json weights = TRY(read_json_object(list));
  description.files.push_back(list);
  const auto shards = weights.find("records");
  if (shards != weights.end() && shards->is_array()) {
    for (const json& shard : *shards) TRY(add_shard(folder, shard, description));
  }
  if (description.weight_bytes == 0) {
    return fail(ErrorCode::bad_model, fmt::format("{} names no weights", list.string()),
                "download the model again");
  }
  TRY(read_hf_folder({folder}, description));
  return description;
}

}  // namespace tenfold
