// For tests: makes .litertlm files from sections.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenfold::litert {

/// The bytes of a number as the file has them.
template <typename T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

/// A field of a protobuf message: a string or another message.
inline std::string proto_bytes(int number, std::string_view content) {
  std::string field{static_cast<char>(number << 3 | 2)};
  std::size_t length = content.size();
  for (; length >= 0x80; length >>= 7) field += static_cast<char>(length | 0x80);
  return field + static_cast<char>(length) + std::string(content);
}

/// A file with sections of the given types (SectionType in litertlm.cc).
inline std::string make_litertlm(const std::vector<std::pair<std::uint8_t, std::string>>& sections,
                                 std::uint32_t major = 1) {
  using u16 = std::uint16_t;
  using u32 = std::uint32_t;
  const auto shape = [](std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) bytes += raw(static_cast<u16>(value));
    return bytes;
  };
  // Field lists (vtables) first, then the tables, each after what refers to it.
  std::string header =
      raw(u32{0}) + shape({8, 8, 0, 4}) + shape({6, 8, 4}) + shape({12, 24, 0, 4, 12, 20});
  const auto point = [&](std::size_t at) {
    const auto offset = static_cast<u32>(header.size() - at);
    std::memcpy(header.data() + at, &offset, sizeof(offset));
  };
  const auto table = [&](std::size_t shape_at) {
    header += raw(static_cast<std::int32_t>(header.size() - shape_at));
  };
  point(0);
  table(4);
  header += raw(u32{0});
  point(header.size() - 4);
  table(12);
  header += raw(u32{0});
  point(header.size() - 4);
  header += raw(static_cast<u32>(sections.size()));
  const std::size_t list = header.size();
  header.resize(list + 4 * sections.size());
  std::uint64_t begin = 32 + header.size() + 24 * sections.size();
  const std::uint64_t end = begin;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    point(list + 4 * i);
    table(18);
    header += raw(begin) + raw(begin + sections[i].second.size());
    header += raw(u32{sections[i].first});
    begin += sections[i].second.size();
  }
  std::string file =
      "LITERTLM" + raw(major) + raw(u32{0}) + raw(u32{0}) + raw(u32{0}) + raw(end) + header;
  for (const auto& section : sections) file += section.second;
  return file;
}

}  // namespace tenfold::litert
