// Memory straight from the system.
#pragma once

#include <cstddef>
#include <memory>

namespace tenfold {

struct Unmap {
  std::size_t bytes = 0;
  void operator()(std::byte* memory) const;
};

/// Pages of zeros that cost nothing until they are written: for large buffers that are filled as
/// tokens come. From malloc() they would be the large pages that workers use
/// (src/worker/process.cc), of which a short answer touches nearly all.
using MappedMemory = std::unique_ptr<std::byte[], Unmap>;

/// Null if the system refuses.
MappedMemory map_memory(std::size_t bytes);

}  // namespace tenfold
