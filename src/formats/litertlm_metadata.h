// The message LlmMetadata of a .litertlm container.
#pragma once

#include "formats/litertlm.h"

namespace tenfold {

/// The message between two offsets of `source`. bad_model if it is damaged; `name` appears in
/// messages.
Result<LitertlmMetadata> read_litertlm_metadata(const ByteSource& source, const std::string& name,
                                                std::uint64_t begin, std::uint64_t end);

}  // namespace tenfold
