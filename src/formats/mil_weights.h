// A file of weights of an ML program, "blob storage" version 2: 64 bytes of header, then for every
// tensor 64 bytes of metadata and its elements, aligned to 64 bytes. Source: mlmodel/src/MILBlob/
// Blob/StorageFormat.hpp of coremltools 9.0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/mil.h"
#include "tenfold/result.h"

namespace tenfold {

/// Where the elements of a tensor of `type` begin in `file`, the whole file, whose metadata of it
/// are at `offset`: they are as many and of the kind the type says. bad_model, naming `name`, the
/// offset and what is wrong.
Result<std::uint64_t> find_mil_blob(std::string_view file, std::uint64_t offset,
                                    const MilType& type, const std::string& name);

}  // namespace tenfold
