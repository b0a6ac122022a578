#include "formats/mlc_folder.h"

#include <fmt/format.h>

#include "formats/generation_defaults.h"
#include "formats/hf_folder.h"
#include "formats/mlc_library.h"
#include "formats/mlc_template.h"
#include "formats/mlc_weights.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Weights that a tensor stands for: 32-bit words hold several, scales none. "q4f16_1": 4 bits.
std::uint64_t parameters_in(const MlcTensor& tensor, const std::string& quantization) {
  if (tensor.name.ends_with("q_scale")) return 0;
  if (tensor.type != "uint32" || !quantization.starts_with('q')) return tensor.elements;
  const int bits = quantization.size() > 1 ? quantization[1] - '0' : 0;
  return bits >= 1 && bits <= 8 ? tensor.elements * (32U / static_cast<unsigned>(bits)) : 0;
}

Result<void> check_size(const fs::path& file, std::uint64_t wanted) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!error && size >= wanted) return {};
  const std::string what =
      error ? "is missing" : fmt::format("is truncated: it has {} of {} bytes", size, wanted);
  return fail(ErrorCode::bad_model, fmt::format("{} {}", file.string(), what),
              "download the model again");
}

/// A model without a library may be kept: one can be made for it.
void add_library(const fs::path& folder, ModelDescription& description) {
  const auto library = find_mlc_library(folder);
  if (!library.ok()) {
    description.unready = library.error();
    return;
  }
  if (library->parent_path() == folder) description.files.push_back(*library);
  const auto can = check_mlc_library(*library);
  if (!can.ok()) description.unready = can.error();
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
  const fs::path list = mlc_weights_file(folder);
  const MlcWeights weights = TRY(read_mlc_weights(TRY(read_json_object(list)), list));
  description.files.push_back(list);
  for (const MlcShard& shard : weights.shards) {
    TRY(check_size(folder / shard.name, shard.bytes));
    description.weight_bytes += shard.bytes;
    description.files.push_back(folder / shard.name);
  }
  for (const MlcTensor& tensor : weights.tensors) {
    description.parameters += parameters_in(tensor, description.quantization);
  }
  TRY(read_hf_folder({folder}, description));
  add_mlc_ends(config, description.text);
  if (description.text.chat_template.empty()) {
    description.text.chat_template = mlc_template(part(config, "conv_template"));
    if (!description.text.chat_template.empty()) {
      description.text.template_source = folder / "mlc-chat-config.json";
    }
  }
  add_library(folder, description);
  return description;
}

}  // namespace tenfold
