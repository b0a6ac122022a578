// Small reads of a ByteSource, with few reads of what is below it.
#pragma once

#include <array>

#include "formats/byte_source.h"

namespace tenfold {

class BufferedSource {
 public:
  /// `source` outlives it.
  explicit BufferedSource(const ByteSource& source) : source_(source) {}

  [[nodiscard]] std::uint64_t size() const { return source_.size(); }
  /// Fills all of `into` from `offset`; the caller keeps within size(). io if the read fails.
  Result<void> read(std::uint64_t offset, std::span<char> into);

 private:
  const ByteSource& source_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
  std::array<char, 32 * 1024> buffer_{};
};

}  // namespace tenfold
