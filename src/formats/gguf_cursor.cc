// Buffered, bounded reads; every failure names the file.
#include "formats/gguf_cursor.h"

#include <fmt/format.h>

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
  TRY(source_.read(position_, into));
  position_ += into.size();
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
