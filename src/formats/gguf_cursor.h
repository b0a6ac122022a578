// A forward reader over a GGUF file that never goes past its end and never trusts a count.
#pragma once

#include <array>
#include <cstring>
#include <string>

#include "formats/buffered_source.h"

namespace tenfold {

class GgufCursor {
 public:
  /// `name` appears in messages. Both outlive the cursor.
  GgufCursor(const ByteSource& source, const std::string& name) : source_(source), name_(name) {}

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t remaining() const { return source_.size() - position_; }

  /// A little-endian number. bad_model at the end of the file.
  template <typename T>
  Result<T> number() {
    std::array<char, sizeof(T)> bytes{};
    TRY(read(bytes));
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  /// A length-prefixed string. bad_model, naming `what`, if it is longer than `limit` bytes.
  Result<std::string> string(std::uint64_t limit, std::string_view what);

  /// The length of the string that follows, without moving. bad_model if the file ends before.
  Result<std::uint64_t> peek_length();

  Result<void> skip(std::uint64_t bytes);

  /// bad_model if `count` items of at least `least` bytes each cannot follow.
  Result<void> expect_room(std::uint64_t count, std::uint64_t least, std::string_view what) const;

  [[nodiscard]] Error bad(std::string_view what) const;

 private:
  Result<void> read(std::span<char> into);
  [[nodiscard]] Error ended() const;

  BufferedSource source_;
  const std::string& name_;
  std::uint64_t position_ = 0;
};

}  // namespace tenfold
