// For tests: writes small ZIP archives.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tenfold {

/// Files by name and content, stored without compression.
inline std::string build_zip(const std::vector<std::pair<std::string, std::string>>& files) {
  const auto number = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  std::string archive;
  std::string contents;
  for (const auto& [name, content] : files) {
    // Flags, method, time and checksum are 0.
    const std::string common = number(0, 12) + number(content.size(), 4) +
                               number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
    contents += "PK\1\2" + number(20, 2) + number(20, 2) + common + number(0, 10) +
                number(archive.size(), 4) + name;
    archive += "PK\3\4" + number(20, 2) + common + name + content;
  }
  return archive + contents + "PK\5\6" + number(0, 4) + number(files.size(), 2) +
         number(files.size(), 2) + number(contents.size(), 4) + number(archive.size(), 4) +
         number(0, 2);
}

}  // namespace tenfold
