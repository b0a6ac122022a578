// An MLC-LLM folder: mlc-chat-config.json, tensor-cache.json (formerly ndarray-cache.json) and the
// shards it names.
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// bad_model naming the file that is missing, damaged or cut short.
Result<ModelDescription> describe_mlc_folder(const std::filesystem::path& folder);

}  // namespace tenfold
