// The header of an ExecuTorch program (.pte).
#pragma once

#include <string>

#include "formats/byte_source.h"

namespace tenfold {

/// Sizes in bytes; they add up to no more than the file's.
struct PteHeader {
  std::uint64_t program = 0;   ///< the flatbuffer that describes the methods
  std::uint64_t segments = 0;  ///< weights and delegates' data behind it
};

/// Reads the first 40 bytes: a flatbuffer's root offset and identifier "ET12", then the extended
/// header "eh00" (https://docs.pytorch.org/executorch/stable/pte-file-format.html). Programs older
/// than that header have no segments. bad_model naming what is wrong, a truncated file included.
Result<PteHeader> read_pte_header(const ByteSource& source, const std::string& name);

}  // namespace tenfold
