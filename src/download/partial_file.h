// The part of a download that is here: `target.partial`, in blocks whose hashes are in the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "download/journal.h"
#include "tenfold/result.h"

namespace tenfold {

class BlockHash;

/// What a process that is killed loses at most, for each connection.
constexpr std::uint64_t block_bytes = 4 << 20;

/// Bytes [begin, end) of the file.
struct Extent {
  /// As an end: that of the file, wherever it is.
  static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Holds the lock of the download as long as it lives. Used by one thread.
class PartialFile {
 public:
  /// Opens or makes `target.partial` and takes its lock, see lock_file(). Links and special files
  /// are refused. The paths stay reserved by the lock even when the file is renamed or removed.
  static Result<PartialFile> open(const std::filesystem::path& target,
                                  const std::function<void()>& on_wait,
                                  const std::function<bool()>& cancelled);
  PartialFile(PartialFile&&) noexcept;
  ~PartialFile();

  /// Takes over the blocks of an earlier run that asked for the same file and whose hashes still
  /// fit; anything else is left for start() to throw away.
  Result<void> resume(const std::string& url, const std::string& sha256,
                      const std::function<bool()>& cancelled);

  /// Throws away what is here and begins that version of the file.
  Result<void> start(const std::string& url, const std::string& sha256, const FileVersion& version);

  /// What start() or resume() set; nothing before.
  [[nodiscard]] const std::optional<FileVersion>& version() const { return version_; }

  /// The next bytes of the block that `offset` is in: blocks are written from their start, in any
  /// order. disk_full, io.
  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes);

  /// The file ends here: for one whose size the server did not say.
  Result<void> end_at(std::uint64_t bytes);

  /// The first stretch of missing bytes in the blocks that begin at or after `from`; its end is
  /// the largest number when the size is not known. Nothing when all is here.
  [[nodiscard]] std::optional<Extent> missing(std::uint64_t from) const;

  [[nodiscard]] std::uint64_t done() const { return done_; }      ///< bytes that are here
  [[nodiscard]] std::uint64_t prefix() const { return prefix_; }  ///< final bytes from the start
  [[nodiscard]] int descriptor() const { return file_.get(); }

  /// Syncs the file, renames it to the target, syncs the folder and removes the journal.
  Result<void> publish();
  /// Removes the file and its journal.
  void discard();

 private:
  struct Block {
    std::uint64_t filled = 0;
    std::unique_ptr<BlockHash> hash{};  ///< while it is being written
    bool done = false;
  };

  PartialFile(std::filesystem::path target, Descriptor file, Journal journal);
  [[nodiscard]] std::uint64_t length_of(std::uint64_t block) const;
  Result<void> write_in_block(std::uint64_t offset, std::span<const std::byte> bytes);
  Result<void> complete(std::uint64_t block);
  void advance_prefix();

  std::filesystem::path target_;
  std::filesystem::path path_;
  Descriptor file_;
  Journal journal_;
  std::optional<FileVersion> version_;
  std::vector<Block> blocks_;
  std::uint64_t done_ = 0;
  std::uint64_t prefix_ = 0;
};

}  // namespace tenfold
