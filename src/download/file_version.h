// What a server says about the file it sends, and whether two answers speak of the same file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tenfold {

struct FileVersion {
  std::optional<std::uint64_t> bytes = std::nullopt;
  std::string etag{};           ///< as sent, quotes and W/ included; empty when there was none
  std::string last_modified{};  ///< as sent; empty when there was none

  /// What If-Range takes (RFC 9110, 13.1.5): a strong ETag, else Last-Modified, else empty.
  [[nodiscard]] std::string validator() const;

  /// False when size, ETag or date differ; what one side lacks is not compared.
  [[nodiscard]] bool same_as(const FileVersion& other) const;
};

}  // namespace tenfold
