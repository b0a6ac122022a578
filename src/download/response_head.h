// The status and header fields of one HTTP response (RFC 9110) that a download looks at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "download/file_version.h"

namespace tenfold {

/// "bytes first-last/total"; a 416 has only the total, and "*" leaves it out.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total = std::nullopt;
};

struct ResponseHead {
  int status = 0;
  std::string content_type{};      ///< lower case, without parameters
  std::string content_encoding{};  ///< lower case
  std::optional<std::uint64_t> content_length = std::nullopt;
  std::optional<ContentRange> content_range = std::nullopt;
  bool chunked = false;
  std::string etag{};
  std::string last_modified{};

  /// Takes a status or header line. A status line starts over: it follows a redirect.
  void add(std::string_view line);

  /// Of a 200 or 206.
  [[nodiscard]] FileVersion version() const;
};

}  // namespace tenfold
