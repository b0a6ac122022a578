// Core ML models: an .mlpackage (Manifest.json names the specification) and its compiled form, an
// .mlmodelc (model.mil is the program).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/coreml_package.h"
#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// With what config.json and tokenizer.json beside the folder tell. Errors of
/// CoremlPackage::open().
Result<ModelDescription> describe_coreml(const std::filesystem::path& folder);

/// Adds the files of a package and the size of its weights.
void add_coreml_files(const CoremlPackage& package, ModelDescription& description);

/// Sets the refusal if the package has not all the functions, or one has an operation that is not
/// computed here. An earlier refusal stays.
void add_coreml_refusal(const CoremlPackage& package, const std::vector<std::string>& functions,
                        ModelDescription& description);

}  // namespace tenfold
