// The compiled library of an MLC model: where it lies, and what its file says of itself before
// anything of it runs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// Where `tenfold compile` puts the library of the model in `folder`, and where it is looked for
/// first: in the cache, by a digest of the model's configuration and list of weights, and by
/// `level`, one of processor_levels(). Errors are those of reading the two files.
Result<std::filesystem::path> compiled_mlc_library(const std::filesystem::path& folder,
                                                   const std::string& level);

/// The library to load for the model in `folder`: the compiled one of the highest level that this
/// processor has, else the only .so beside the weights, or the only one with "cpu" in its name.
/// not_found if there is none, with what makes one; invalid_argument if there are several.
Result<std::filesystem::path> find_mlc_library(const std::filesystem::path& folder);

/// Looks at the file's ELF header and symbols: unsupported if it is for another processor, for
/// another version of TVM or no model library; bad_model if it is damaged.
Result<void> check_mlc_library(const std::filesystem::path& library);
/// The same of the file's bytes; `path` names it in errors.
Result<void> check_mlc_library(std::string_view bytes, const std::string& path);

}  // namespace tenfold
