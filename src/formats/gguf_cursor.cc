// Buffered, bounded reads; every failure names the file.
#include "formats/gguf_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace tenfold {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

Error GgufCursor::bad(std::string_view what) const {
  return fail(ErrorCode::bad_model, fmt::format("{} is a damaged GGUF file: {}", name_, what),
              "download the file again");
}

Error GgufCursor::ended() const {
  return bad(fmt::format("it ends after {} bytes, inside its header", source_.size()));
}

Result<void> GgufCursor::read(std::span<char> into) {
  if (into.size() > remaining()) return ended();
  while (!into.empty()) {
    if (position_ < buffer_start_ || position_ >= buffer_start_ + buffer_size_) {
      buffer_size_ = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), remaining()));
      buffer_start_ = position_;
      TRY(source_.read_at(position_, std::span(buffer_).first(buffer_size_)));
    }
    const auto start = static_cast<std::size_t>(position_ - buffer_start_);
    const std::size_t count = std::min(into.size(), buffer_size_ - start);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(start), count, into.begin());
    into = into.subspan(count);
    position_ += count;
  }
  return {};
}

Result<std::string> GgufCursor::string(std::uint64_t limit, std::string_view what) {
  const auto length = TRY(number<std::uint64_t>());
  if (length > remaining()) return ended();
  if (length > limit) {
    return bad(fmt::format("{} is {} bytes long, {} are allowed", what, length, limit));
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  TRY(read(text));
  return text;
}

Result<std::uint64_t> GgufCursor::peek_length() {
  const auto length = TRY(number<std::uint64_t>());
  if (length > remaining()) return ended();
  position_ -= sizeof(length);
  return length;
}

Result<void> GgufCursor::skip(std::uint64_t bytes) {
  if (bytes > remaining()) return ended();
  position_ += bytes;
  return {};
}

Result<void> GgufCursor::expect_room(std::uint64_t count, std::uint64_t least,
                                     std::string_view what) const {
  if (count > remaining() / least) {
    return bad(fmt::format("it claims {} {}, but only {} bytes follow", count, what, remaining()));
  }
  return {};
}

}  // namespace tenfold
