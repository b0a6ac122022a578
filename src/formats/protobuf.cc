// Wire types 0 (varint), 1 (64 bits), 2 (length and bytes) and 5 (32 bits).
#include "formats/protobuf.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/damaged.h"

namespace tenfold {
namespace {

constexpr int varint_bits = 64;
constexpr int bits_per_byte = 7;

}  // namespace

Error ProtobufFile::bad(std::string_view what) const { return damaged_as(format_, name_, what); }

Result<unsigned char> ProtobufFile::byte(std::uint64_t position) {
  char byte = 0;
  TRY(source_.read(position, std::span(&byte, 1)));
  return static_cast<unsigned char>(byte);
}

Result<std::string> ProtobufFile::text(std::uint64_t position, std::uint64_t length) {
  std::string text(static_cast<std::size_t>(length), '\0');
  TRY(source_.read(position, text));
  return text;
}

Result<std::uint64_t> ProtobufMessage::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < varint_bits; shift += bits_per_byte) {
    if (at_ == end_) return file_->bad("it ends inside a number");
    const unsigned char byte = TRY(file_->byte(at_++));
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80U) return value;
  }
  return file_->bad("a number is too long");
}

Result<bool> ProtobufMessage::next() {
  if (at_ == end_) return false;
  const std::uint64_t tag = TRY(varint());
  field_ = static_cast<int>(std::min<std::uint64_t>(tag >> 3U, 1U << 29U));
  number_ = 0;
  std::uint64_t length = 0;
  is_number_ = (tag & 7U) == 0;
  switch (tag & 7U) {
    case 0:
      number_ = TRY(varint());
      break;
    case 1:
      length = 8;
      break;
    case 2:
      length = TRY(varint());
      break;
    case 5:
      length = 4;
      break;
    default:
      return file_->bad(fmt::format("field {} has no known type", field_));
  }
  if (length > end_ - at_) {
    return file_->bad(
        fmt::format("field {} has {} bytes where {} are left", field_, length, end_ - at_));
  }
  payload_ = at_;
  at_ += length;
  payload_end_ = at_;
  return true;
}

Result<std::string> ProtobufMessage::text(std::uint64_t limit) const {
  if (length() > limit) {
    return file_->bad(
        fmt::format("a text of {} bytes stands where {} are allowed", length(), limit));
  }
  return file_->text(payload_, length());
}

ProtobufMessage ProtobufMessage::message() const { return {*file_, payload_, payload_end_}; }

Result<void> ProtobufMessage::append_numbers(std::vector<std::int64_t>& values,
                                             std::size_t limit) const {
  const auto append = [&](std::uint64_t value) -> Result<void> {
    if (values.size() == limit) return file_->bad(fmt::format("a list is longer than {}", limit));
    values.push_back(static_cast<std::int64_t>(value));
    return {};
  };
  if (is_number_) return append(number_);
  ProtobufMessage list = message();
  while (list.at_ < list.end_) TRY(append(TRY(list.varint())));
  return {};
}

}  // namespace tenfold
