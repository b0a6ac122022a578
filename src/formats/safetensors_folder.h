// A folder with config.json and safetensors, as Transformers and MLX have it.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// The names of the files that hold the weights: those of the index, or the one file. bad_model,
/// naming the index, if it names no files beside it.
Result<std::set<std::string>> shards_of(const std::filesystem::path& folder);

/// A model that is of no known architecture, or of one that is not computed, has a refusal.
/// not_found naming a missing shard; bad_model naming a damaged file.
Result<ModelDescription> describe_safetensors_folder(const std::filesystem::path& folder);

}  // namespace tenfold
