#include "formats/safetensors_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.h"
#include "formats/byte_source.h"
#include "formats/decoder_memory.h"
#include "formats/decoder_spec.h"
#include "formats/detect.h"
#include "formats/hf_folder.h"
#include "formats/mapped_file.h"
#include "formats/pooling.h"
#include "formats/safetensors.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t most_shards = 1000;
constexpr std::size_t longest_shard_name = 255;

struct Weights {
  std::map<std::string, std::uint64_t> bytes_by_type;
  std::uint64_t elements = 0;
  std::uint64_t packed_elements = 0;
};

Result<void> add_shard(const fs::path& path, Weights& weights, ModelDescription& description) {
  const auto source = open_file_source(path);
  if (!source.ok() && source.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::bad_model, fmt::format("the model's file {} is missing", path.string()),
                "download the model again");
  }
  if (!source.ok()) return source.error();
  TRY(require_format(**source, path, "safetensors"));
  const MappedFile file = TRY(MappedFile::open(path));
  const SafetensorsHeader header = TRY(read_safetensors(file.bytes(), path));
  for (const auto& [type, bytes] : header.bytes_by_type) weights.bytes_by_type[type] += bytes;
  weights.elements += header.elements;
  weights.packed_elements += header.packed_elements;
  description.weight_bytes += header.bytes;
  description.files.push_back(path);
  return {};
}

/// "4 bits in groups of 64", "gptq 4 bits", or the type of most weights.
std::string quantization_of(const json& config, const Weights& weights) {
  const json mlx = part(config, "quantization");
  const json other = part(config, "quantization_config");
  if (const auto bits = positive(mlx, "bits"); bits > 0) {
    return fmt::format("{} bits in groups of {}", bits, positive(mlx, "group_size"));
  }
  if (const std::string method = text(other, "quant_method"); !method.empty()) {
    const auto bits = positive(other, "bits");
    return bits > 0 ? fmt::format("{} {} bits", method, bits) : method;
  }
  const auto most = std::ranges::max_element(weights.bytes_by_type, {},
                                             [](const auto& entry) { return entry.second; });
  return most == weights.bytes_by_type.end() ? std::string() : lower_case(most->first);
}

/// Of a file beside the index, fit to be said in a message.
bool is_shard_name(std::string_view name) {
  return name.size() <= longest_shard_name && name.ends_with(".safetensors") &&
         std::ranges::all_of(name, [](unsigned char letter) {
           return letter > ' ' && letter < 0x7f && letter != '/';
         });
}

}  // namespace

Result<std::set<std::string>> shards_of(const fs::path& folder) {
  const fs::path index = folder / "model.safetensors.index.json";
  std::error_code error;
  if (!fs::exists(index, error)) return std::set<std::string>{"model.safetensors"};
  return shard_names(TRY(read_json_object(index)), index);
}

Result<std::set<std::string>> shard_names(const json& index, const std::string& path) {
  std::set<std::string> names;
  for (const json& name : part(index, "weight_map")) {
    const std::string shard = name.is_string() ? name.get<std::string>() : std::string();
    if (!is_shard_name(shard) || names.size() == most_shards) {
      return fail(ErrorCode::bad_model, fmt::format("{} names no files beside it", path),
                  "download the model again");
    }
    names.insert(shard);
  }
  return names;
}

Result<ModelDescription> describe_safetensors_folder(const fs::path& folder) {
  ModelDescription description;
  description.path = folder;
  description.format = "safetensors";
  Weights weights;
  for (const std::string& shard : TRY(shards_of(folder))) {
    TRY(add_shard(folder / shard, weights, description));
  }
  const json config = TRY(read_json_object(folder / "config.json"));
  TRY(read_hf_folder({folder}, description));
  description.quantization = quantization_of(config, weights);
  const auto stated = std::max(positive(part(config, "quantization"), "bits"),
                               positive(part(config, "quantization_config"), "bits"));
  const auto bits = static_cast<std::uint64_t>(stated > 0 && stated <= 32 ? stated : 32);
  if (!part(config, "quantization").empty()) description.details = "MLX";
  description.parameters = weights.elements + weights.packed_elements / bits * 32 +
                           weights.packed_elements % bits * 32 / bits;
  const auto spec = read_decoder_spec(config, folder / "config.json");
  if (!spec.ok() && spec.error().code != ErrorCode::unsupported) return spec.error();
  if (!spec.ok()) description.refusal = spec.error();
  if (const auto pooling = read_pooling(folder);
      !pooling.ok() && pooling.error().code != ErrorCode::unsupported) {
    return pooling.error();
  }
  for (const char* name : {modules_file, pooling_file}) {
    std::error_code error;
    if (fs::exists(folder / name, error)) description.files.push_back(folder / name);
  }
  if (spec.ok()) description.shape = shape_of(*spec);
  return description;
}

}  // namespace tenfold
