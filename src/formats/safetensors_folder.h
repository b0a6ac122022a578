// A folder with config.json and safetensors, as Transformers and MLX have it.
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// not_found naming a missing shard; bad_model naming a damaged file.
Result<ModelDescription> describe_safetensors_folder(const std::filesystem::path& folder);

}  // namespace tenfold
