// Core ML models: an .mlpackage (Manifest.json names the specification) and its compiled form, an
// .mlmodelc (metadata.json describes it).
#pragma once

#include <filesystem>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Each with what config.json and tokenizer.json beside the folder tell. bad_model naming the file
/// that is missing or damaged.
Result<ModelDescription> describe_mlpackage(const std::filesystem::path& folder);
Result<ModelDescription> describe_mlmodelc(const std::filesystem::path& folder);

}  // namespace tenfold
