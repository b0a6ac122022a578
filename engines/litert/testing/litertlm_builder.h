// For tests: makes .litertlm files from sections.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
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

struct LitertlmSection {
  std::uint8_t type = 0;  ///< SectionType in litertlm.cc
  std::string bytes;
  std::string model_type = {};  ///< empty: not said
};

/// A file with these sections.
inline std::string make_litertlm(const std::vector<LitertlmSection>& sections,
                                 std::uint32_t major = 1) {
  using u16 = std::uint16_t;
  using u32 = std::uint32_t;
  const auto shape = [](std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) bytes += raw(static_cast<u16>(value));
    return bytes;
  };
  // Field lists (vtables) first, then the tables, each after what refers to it.
  std::string header = raw(u32{0}) + shape({8, 8, 0, 4}) + shape({6, 8, 4}) +
                       shape({12, 28, 24, 4, 12, 20}) + shape({10, 12, 4, 0, 8});
  const auto point = [&](std::size_t at) {
    const auto offset = static_cast<u32>(header.size() - at);
    std::memcpy(header.data() + at, &offset, sizeof(offset));
  };
  const auto table = [&](std::size_t shape_at) {
    header += raw(static_cast<std::int32_t>(header.size() - shape_at));
  };
  const auto string = [&](const std::string& text) {
    header += raw(static_cast<u32>(text.size())) + text + '\0';
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
  std::vector<std::size_t> places;  // of each section's begin and end
  for (std::size_t i = 0; i < sections.size(); ++i) {
    point(list + 4 * i);
    table(18);
    places.push_back(header.size());
    header += std::string(16, '\0') + raw(u32{sections[i].type}) + raw(u32{0});
    point(header.size() - 4);
    header += raw(u32{sections[i].model_type.empty() ? 0U : 1U});
    if (sections[i].model_type.empty()) continue;
    header += raw(u32{0});
    point(header.size() - 4);
    table(30);
    const std::size_t key = header.size();
    header += raw(u32{0}) + raw(u32{0});
    point(key);
    string("model_type");
    point(key + 4);
    table(12);
    header += raw(u32{0});
    point(header.size() - 4);
    string(sections[i].model_type);
  }
  const std::uint64_t end = 32 + header.size();
  std::uint64_t begin = end;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::string range = raw(begin) + raw(begin + sections[i].bytes.size());
    header.replace(places[i], range.size(), range);
    begin += sections[i].bytes.size();
  }
  std::string file =
      "LITERTLM" + raw(major) + raw(u32{0}) + raw(u32{0}) + raw(u32{0}) + raw(end) + header;
  for (const LitertlmSection& section : sections) file += section.bytes;
  return file;
}

}  // namespace tenfold::litert
