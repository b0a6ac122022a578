#include "formats/mlc_weights.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "formats/bounded_json.h"
#include "formats/damaged.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t most_name_bytes = 256;
constexpr std::size_t most_axes = 8;

/// 0: none that weights have.
std::uint64_t type_bytes(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 9> sizes{{{"float32", 4},
                                                                             {"float16", 2},
                                                                             {"bfloat16", 2},
                                                                             {"uint32", 4},
                                                                             {"int32", 4},
                                                                             {"uint16", 2},
                                                                             {"int16", 2},
                                                                             {"uint8", 1},
                                                                             {"int8", 1}}};
  for (const auto& [name, bytes] : sizes) {
    if (name == type) return bytes;
  }
  return 0;
}

/// A whole number that is not negative.
bool take_number(const json& object, const char* key, std::uint64_t& number) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return false;
  number = found->get<std::uint64_t>();
  return true;
}

class ListReader {
 public:
  explicit ListReader(const std::string& file) : file_(file) {}

  MlcWeights weights;

  Result<void> add_shard(const json& entry) {
    MlcShard shard;
    if (entry.is_object()) shard.name = text(entry, "dataPath");
    if (shard.name.empty() || shard.name.size() > most_name_bytes ||
        shard.name.find('/') != std::string::npos) {
      return damaged("it names no file beside it");
    }
    const auto tensors = entry.find("records");
    if (!take_number(entry, "nbytes", shard.bytes) || tensors == entry.end() ||
        !tensors->is_array()) {
      return damaged(fmt::format("{} has no size or no tensors", shard.name));
    }
    if (text(entry, "format") != "raw-shard") {
      return damaged(fmt::format("{} is of no known format", shard.name));
    }
    weights.shards.push_back(shard);
    for (const json& tensor : *tensors) TRY(add_tensor(tensor));
    return {};
  }

 private:
  [[nodiscard]] Error damaged(std::string_view what) const {
    return damaged_as("a list of MLC's weights", file_, what);
  }

  Result<void> add_tensor(const json& entry) {
    MlcTensor tensor;
    if (entry.is_object()) tensor.name = text(entry, "name");
    if (tensor.name.empty() || tensor.name.size() > most_name_bytes ||
        !names_.insert(tensor.name).second) {
      return damaged("two tensors have the same name, or one has none");
    }
    const auto broken = [&](std::string_view what) {
      return damaged(fmt::format("{} {}", tensor.name, what));
    };
    tensor.type = text(entry, "dtype");
    const std::uint64_t size = type_bytes(tensor.type);
    if (size == 0) return broken("is of no known type");
    const auto shape = entry.find("shape");
    if (shape == entry.end() || !shape->is_array() || shape->size() > most_axes) {
      return broken("has no shape");
    }
    for (const json& length : *shape) {
      const std::uint64_t factor = length.is_number_unsigned() ? length.get<std::uint64_t>() : 0;
      if (factor == 0 || !std::in_range<std::int64_t>(factor) ||
          __builtin_mul_overflow(tensor.elements, factor, &tensor.elements)) {
        return broken("has an absurd shape");
      }
      tensor.shape.push_back(static_cast<std::int64_t>(factor));
    }
    std::uint64_t whole = 0;
    if (!take_number(entry, "nbytes", tensor.bytes) ||
        !take_number(entry, "byteOffset", tensor.offset) ||
        __builtin_mul_overflow(tensor.elements, size, &whole)) {
      return broken("has no place");
    }
    tensor.is_cut_to_bf16 = tensor.type == "float32" && text(entry, "format") == "f32-to-bf16" &&
                            tensor.bytes == whole / 2;
    if (tensor.bytes != whole && !tensor.is_cut_to_bf16) {
      return broken(fmt::format("has {} bytes, but its shape {}", tensor.bytes, whole));
    }
    const std::uint64_t room = weights.shards.back().bytes;
    if (tensor.bytes > room || tensor.offset > room - tensor.bytes) {
      return broken("lies beyond the end of its shard");
    }
    tensor.shard = weights.shards.size() - 1;
    weights.tensors.push_back(std::move(tensor));
    return {};
  }

  const std::string& file_;
  std::set<std::string> names_;
};

}  // namespace

fs::path mlc_weights_file(const fs::path& folder) {
  std::error_code error;
  const fs::path file = folder / "tensor-cache.json";
  return fs::exists(file, error) ? file : folder / "ndarray-cache.json";
}

Result<MlcWeights> read_mlc_weights(const json& list, const std::string& file) {
  ListReader reader(file);
  const auto shards = list.find("records");
  if (shards != list.end() && shards->is_array()) {
    for (const json& shard : *shards) TRY(reader.add_shard(shard));
  }
  if (reader.weights.tensors.empty()) {
    return damaged_as("a list of MLC's weights", file, "it names none");
  }
  return std::move(reader.weights);
}

}  // namespace tenfold
