// For tests: writes small ZIP archives.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tenfold {

enum class ZipForm {
  plain,
  wide,     ///< ZIP64, whatever the sizes
  aligned,  ///< 1 to 4 zeros before each entry, so that it begins at a multiple of 4, as
            ///< MediaPipe's bundler writes it
};

/// Files by name and content, stored without compression.
inline std::string build_zip(const std::vector<std::pair<std::string, std::string>>& files,
                             ZipForm form = ZipForm::plain) {
  const bool wide = form == ZipForm::wide;
  const auto number = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const auto narrow = [&](std::size_t value) { return number(wide ? 0xffffffff : value, 4); };
  std::string archive;
  std::string contents;
  for (const auto& [name, content] : files) {
    if (form == ZipForm::aligned) archive.append(4 - (archive.size() + 30 + name.size()) % 4, '\0');
    // Flags, method, time and checksum are 0.
    const std::string sizes = narrow(content.size()) + narrow(content.size());
    const std::string wide_sizes = number(content.size(), 8) + number(content.size(), 8);
    const std::string local = wide ? number(1, 2) + number(16, 2) + wide_sizes : "";
    const std::string central =
        wide ? number(1, 2) + number(24, 2) + wide_sizes + number(archive.size(), 8) : "";
    contents += "PK\1\2" + number(20, 2) + number(20, 2) + number(0, 12) + sizes +
                number(name.size(), 2) + number(central.size(), 2) + number(0, 10) +
                narrow(archive.size()) + name + central;
    archive += "PK\3\4" + number(20, 2) + number(0, 12) + sizes + number(name.size(), 2) +
               number(local.size(), 2) + name + local + content;
  }
  const std::size_t begin = archive.size();
  const std::size_t end = begin + contents.size();
  std::string tail;
  if (wide) {
    tail = "PK\6\6" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) +
           number(files.size(), 8) + number(files.size(), 8) + number(contents.size(), 8) +
           number(begin, 8) + "PK\6\7" + number(0, 4) + number(end, 8) + number(1, 4);
  }
  return archive + contents + tail + "PK\5\6" + number(0, 4) + number(files.size(), 2) +
         number(files.size(), 2) + narrow(contents.size()) + narrow(begin) + number(0, 2);
}

}  // namespace tenfold
