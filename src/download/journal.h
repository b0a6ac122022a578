// The journal beside a partial file: which blocks of which version of which file are in it. A line
// of JSON, then a line per block, appended when the block is written: index, XXH3-128 of its bytes.
// Nothing is synced: a torn line is left out when it is read, and a block that did not reach the
// disk does not have its hash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/descriptor.h"
#include "download/file_version.h"
#include "tenfold/result.h"

namespace tenfold {

struct JournalHead {
  std::string url{};
  std::string sha256{};  ///< the expected one; may be empty
  std::uint64_t block_bytes = 0;
  FileVersion version{};
};

struct JournalContent {
  JournalHead head{};
  std::map<std::uint64_t, std::string> blocks{};  ///< index to hexadecimal hash
};

/// The append side, by one thread.
class Journal {
 public:
  /// Opens or makes it. permission_denied or io, also for a symbolic link.
  static Result<Journal> open(const std::filesystem::path& path);

  /// What it held when it was opened; call it once, before writing. An empty head (no URL) when it
  /// is new or not a journal of this format.
  Result<JournalContent> read() const;

  /// Empties it and writes the head. disk_full, io.
  Result<void> start(const JournalHead& head);
  Result<void> add(std::uint64_t block, const std::string& hash);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Journal(std::filesystem::path path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> append(const std::string& line);

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace tenfold
