// The metadata part of a GGUF header.
#pragma once

#include "formats/gguf.h"
#include "formats/gguf_cursor.h"

namespace tenfold {

/// `count` key-value pairs. bad_model for a fault in them.
Result<std::map<std::string, GgufValue, std::less<>>> read_gguf_values(GgufCursor& cursor,
                                                                       std::uint64_t count);

}  // namespace tenfold
