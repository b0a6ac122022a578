// A folder with config.json and safetensors, as Transformers and MLX have it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// The names of the files that hold the weights: those of the index, or the one file. bad_model,
/// naming the index, if it names no files beside it.
Result<std::set<std::string>> shards_of(const std::filesystem::path& folder);

/// Those of an index, called `path` in the error.
Result<std::set<std::string>> shard_names(const nlohmann::json& index, const std::string& path);

/// A model that is of no known architecture, or of one that is not computed, has a refusal.
/// bad_model naming a file that is missing or damaged.
Result<ModelDescription> describe_safetensors_folder(const std::filesystem::path& folder);

}  // namespace tenfold
