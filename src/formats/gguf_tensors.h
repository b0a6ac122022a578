// The tensor table of a GGUF header.
#pragma once

#include "formats/gguf.h"
#include "formats/gguf_cursor.h"

namespace tenfold {

/// `count` tensors, each within the file and on `alignment`. bad_model naming the tensor or the
/// missing bytes; unsupported for an unknown encoding.
Result<std::vector<GgufTensor>> read_gguf_tensors(GgufCursor& cursor, std::uint64_t count,
                                                  std::uint64_t alignment, std::uint64_t file_bytes,
                                                  const std::string& name);

}  // namespace tenfold
