#include "formats/mil_value.h"

#include <cstring>
#include <utility>

#include "base/half.h"

namespace tenfold {
namespace {

template <typename Number>
void append_bytes(Number number, MilValue& value) {
  // Tenfold runs on little-endian machines only.
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  value.bytes.append(bytes, sizeof bytes);
}

template <typename Number>
bool append_whole(std::int64_t number, MilValue& value) {
  if (!std::in_range<Number>(number)) return false;
  append_bytes(static_cast<Number>(number), value);
  return true;
}

}  // namespace

std::optional<MilElement> mil_element_of_protobuf(std::int64_t type) {
  switch (type) {
    case 1:
      return MilElement::boolean;
    case 2:
      return MilElement::string;
    case 10:
      return MilElement::f16;
    case 11:
      return MilElement::f32;
    case 12:
      return MilElement::f64;
    case 13:
      return MilElement::bf16;
    case 21:
      return MilElement::i8;
    case 22:
      return MilElement::i16;
    case 23:
      return MilElement::i32;
    case 24:
      return MilElement::i64;
    case 25:
      return MilElement::i4;
    case 31:
      return MilElement::u8;
    case 32:
      return MilElement::u16;
    case 33:
      return MilElement::u32;
    case 34:
      return MilElement::u64;
    case 35:
      return MilElement::u4;
    case 36:
      return MilElement::u2;
    case 37:
      return MilElement::u1;
    case 38:
      return MilElement::u6;
    case 39:
      return MilElement::u3;
    case 40:
      return MilElement::f8e4m3fn;
    case 41:
      return MilElement::f8e5m2;
    default:
      return std::nullopt;
  }
}

bool append_mil_number(std::int64_t number, MilValue& value) {
  switch (value.type.element) {
    case MilElement::boolean:
      if (number != 0 && number != 1) return false;
      return append_whole<std::uint8_t>(number, value);
    case MilElement::i8:
      return append_whole<std::int8_t>(number, value);
    case MilElement::i16:
      return append_whole<std::int16_t>(number, value);
    case MilElement::i32:
      return append_whole<std::int32_t>(number, value);
    case MilElement::i64:
      return append_whole<std::int64_t>(number, value);
    case MilElement::u8:
      return append_whole<std::uint8_t>(number, value);
    case MilElement::u16:
      return append_whole<std::uint16_t>(number, value);
    case MilElement::u32:
      return append_whole<std::uint32_t>(number, value);
    case MilElement::u64:
      return append_whole<std::uint64_t>(number, value);
    default:
      return false;
  }
}

bool append_mil_bits(std::int64_t number, std::size_t index, MilValue& value) {
  const int bits = bits_of(value.type.element);
  const bool is_signed = value.type.element == MilElement::i4;
  const std::int64_t least = is_signed ? -(std::int64_t{1} << (bits - 1)) : 0;
  const std::int64_t most = (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  if (bits == 0 || number < least || number > most) return false;
  for (int bit = 0; bit < bits; ++bit) {
    const std::size_t place =
        index * static_cast<std::size_t>(bits) + static_cast<std::size_t>(bit);
    if (place / 8 == value.bytes.size()) value.bytes += '\0';
    const auto set = static_cast<unsigned>(number >> bit) & 1U;
    value.bytes[place / 8] =
        static_cast<char>(static_cast<unsigned char>(value.bytes[place / 8]) | set << (place % 8));
  }
  return true;
}

bool append_mil_float(double number, MilValue& value) {
  switch (value.type.element) {
    case MilElement::f16:
      append_bytes(half_from_float(static_cast<float>(number)), value);
      return true;
    case MilElement::bf16:
      append_bytes(brain_from_float(static_cast<float>(number)), value);
      return true;
    case MilElement::f32:
      append_bytes(static_cast<float>(number), value);
      return true;
    case MilElement::f64:
      append_bytes(number, value);
      return true;
    default:
      return false;
  }
}

}  // namespace tenfold
