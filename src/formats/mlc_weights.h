// The list of tensors in the shards of an MLC folder: tensor-cache.json, formerly
// ndarray-cache.json, as TVM's python/tvm/contrib/tvmjs.py writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

struct MlcTensor {
  std::string name;
  std::string type;  ///< as TVM names it: "float32", "uint32"
  std::vector<std::int64_t> shape;
  std::uint64_t elements = 1;
  /// Numbers of type float32, of which the file has the upper 16 bits.
  bool is_cut_to_bf16 = false;
  std::size_t shard = 0;
  std::uint64_t offset = 0;  ///< in the shard, within which all `bytes` lie
  std::uint64_t bytes = 0;   ///< in the file
};

struct MlcShard {
  std::string name;  ///< of a file beside the list
  std::uint64_t bytes = 0;
};

struct MlcWeights {
  std::vector<MlcShard> shards;
  std::vector<MlcTensor> tensors;  ///< no two of the same name
};

/// tensor-cache.json in a folder, or ndarray-cache.json where there is only that.
std::filesystem::path mlc_weights_file(const std::filesystem::path& folder);

/// `list` is the whole file's object. bad_model, naming `file` and the tensor.
Result<MlcWeights> read_mlc_weights(const nlohmann::json& list, const std::string& file);

}  // namespace tenfold
