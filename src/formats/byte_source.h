// Bytes at offsets, read without mapping: a file, or memory in tests and fuzzing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tenfold/result.h"

namespace tenfold {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills all of `into` from `offset`; the caller keeps within size(). io if the read fails.
  virtual Result<void> read_at(std::uint64_t offset, std::span<char> into) const = 0;
};

/// A regular file, opened for reading. not_found, permission_denied or io from the file system;
/// bad_model if `path` is a folder, a pipe or a device (nothing is read from those).
Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path);

/// Memory that outlives the source.
std::unique_ptr<ByteSource> make_memory_source(std::span<const char> bytes);

}  // namespace tenfold
