// A reader of the protobuf wire format: https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenfold::litert {

struct ProtoField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  ///< of a varint
  std::string_view bytes;   ///< of a string, message or packed list
};

/// Goes through the fields of one message, whose bytes outlive it.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : bytes_(bytes) {}

  /// The next field; absent at the end, and where the bytes are not a message.
  std::optional<ProtoField> next() {
    const auto tag = varint();
    if (!tag) return std::nullopt;
    ProtoField field{*tag >> 3, 0, {}};
    switch (*tag & 7) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        return take(8, field);
      case 2: {
        const auto length = varint();
        return length ? take(*length, field) : std::nullopt;
      }
      case 5:
        return take(4, field);
      default:
        return std::nullopt;
    }
  }

  /// A number of 7 bits a byte, as in packed lists.
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

 private:
  std::optional<ProtoField> take(std::uint64_t length, ProtoField field) {
    if (length > bytes_.size()) return std::nullopt;
    field.bytes = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return field;
  }

  std::string_view bytes_;
};

}  // namespace tenfold::litert
