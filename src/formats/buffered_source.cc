#include "formats/buffered_source.h"

#include <algorithm>

namespace tenfold {

Result<void> BufferedSource::read(std::uint64_t offset, std::span<char> into) {
  while (!into.empty()) {
    if (offset < start_ || offset >= start_ + filled_) {
      filled_ = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), size() - offset));
      start_ = offset;
      TRY(source_.read_at(offset, std::span(buffer_).first(filled_)));
    }
    const auto from = static_cast<std::size_t>(offset - start_);
    const std::size_t count = std::min(into.size(), filled_ - from);
    std::copy_n(buffer_.data() + from, count, into.begin());
    into = into.subspan(count);
    offset += count;
  }
  return {};
}

}  // namespace tenfold
