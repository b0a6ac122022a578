// The message LlmMetadata of a .litertlm container.
#pragma once

#include "formats/bundle_metadata.h"
#include "formats/byte_source.h"

namespace tenfold {

/// The message between two offsets of `source`. bad_model if it is damaged; `name` appears in
/// messages.
Result<BundleMetadata> read_litertlm_metadata(const ByteSource& source, const std::string& name,
                                              std::uint64_t begin, std::uint64_t end);

}  // namespace tenfold
