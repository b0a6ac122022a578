#include "download/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file_lock.h"
#include "base/files.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tenfold {
namespace {

std::string hex(XXH128_hash_t hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

/// XXH3-128: it finds what a crash left torn, at memory speed. A forger would have to write into
/// the folder, and could then write the target as well.
class BlockHash {
 public:
  BlockHash() { XXH3_128bits_reset(&state_); }
  void update(std::span<const std::byte> bytes) {
    XXH3_128bits_update(&state_, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::string finish() const { return hex(XXH3_128bits_digest(&state_)); }

 private:
  XXH3_state_t state_;
};

namespace {

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  return path += suffix;
}

/// Whether the open file is still what the path names, and not renamed or removed since.
bool is_named(int descriptor, const std::filesystem::path& path) {
  struct stat open_file {};
  struct stat named {};
  return ::fstat(descriptor, &open_file) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

Result<void> check_is_own_file(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return file_error(path, "open", errno);
  if (S_ISREG(status.st_mode) && status.st_nlink <= 1) return {};
  return fail(ErrorCode::permission_denied,
              path.string() + " is not a plain file with one name; the download will not write it",
              "remove it and run the command again");
}

/// Reads exactly that many bytes, or fewer at the end of the file or a fault.
std::size_t read_at(int descriptor, std::uint64_t offset, std::span<std::byte> buffer) {
  std::size_t got = 0;
  while (got < buffer.size()) {
    const ssize_t count = ::pread(descriptor, buffer.data() + got, buffer.size() - got,
                                  static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  return got;
}

Result<void> write_at(int descriptor, std::uint64_t offset, std::span<const std::byte> bytes,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(path, "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path target, Descriptor file, Journal journal)
    : target_(std::move(target)),
      path_(with_suffix(target_, ".partial")),
      file_(std::move(file)),
      journal_(std::move(journal)) {}
PartialFile::PartialFile(PartialFile&&) noexcept = default;
PartialFile::~PartialFile() = default;

Result<PartialFile> PartialFile::open(const std::filesystem::path& target,
                                      const std::function<void()>& on_wait,
                                      const std::function<bool()>& cancelled) {
  const std::filesystem::path path = with_suffix(target, ".partial");
  for (;;) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (file.get() < 0) return file_error(path, "open", errno);
    TRY(lock_file(file.get(), path, on_wait, cancelled));
    if (!is_named(file.get(), path)) continue;
    TRY(check_is_own_file(file.get(), path));
    Journal journal = TRY(Journal::open(with_suffix(path, ".journal")));
    return PartialFile(target, std::move(file), std::move(journal));
  }
}

Result<void> PartialFile::resume(const std::string& url, const std::string& sha256,
                                 const std::function<bool()>& cancelled) {
  const JournalContent content = TRY(journal_.read());
  const JournalHead& head = content.head;
  const bool recognisable = !head.version.validator().empty() || !sha256.empty();
  if (head.url != url || head.sha256 != sha256 || head.block_bytes != block_bytes ||
      !head.version.bytes || !recognisable) {
    return {};
  }
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return file_error(path_, "read", errno);
  // Guards the size of the table: only what is in the file can be taken over.
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > *head.version.bytes) return {};
  version_ = head.version;
  std::vector<std::byte> buffer(block_bytes);
  for (const auto& [index, hash] : content.blocks) {
    if (cancelled && cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    if (index > size / block_bytes) continue;
    const std::span<std::byte> bytes(buffer.data(), length_of(index));
    if (bytes.empty() || read_at(file_.get(), index * block_bytes, bytes) != bytes.size() ||
        hex(XXH3_128bits(bytes.data(), bytes.size())) != hash) {
      continue;
    }
    if (blocks_.size() <= index) blocks_.resize(index + 1);
    blocks_[index].filled = bytes.size();
    blocks_[index].done = true;
    done_ += bytes.size();
  }
  advance_prefix();
  return {};
}

Result<void> PartialFile::start(const std::string& url, const std::string& sha256,
                                const FileVersion& version) {
  version_ = version;
  blocks_.clear();
  done_ = prefix_ = 0;
  if (::ftruncate(file_.get(), 0) != 0) return file_error(path_, "write", errno);
  return journal_.start({url, sha256, block_bytes, version});
}

std::uint64_t PartialFile::length_of(std::uint64_t block) const {
  const std::uint64_t begin = block * block_bytes;
  if (!version_->bytes) return block_bytes;
  return *version_->bytes <= begin ? 0 : std::min(block_bytes, *version_->bytes - begin);
}

Result<void> PartialFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t room = block_bytes - offset % block_bytes;
    const auto piece = bytes.first(std::min<std::uint64_t>(room, bytes.size()));
    TRY(write_in_block(offset, piece));
    offset += piece.size();
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> PartialFile::write_in_block(std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::uint64_t index = offset / block_bytes;
  if (blocks_.size() <= index) blocks_.resize(index + 1);
  Block& block = blocks_[index];
  if (block.done || block.filled != offset % block_bytes) {
    return fail(ErrorCode::internal,
                fmt::format("a write at {} of {} is out of order", offset, path_.string()));
  }
  TRY(write_at(file_.get(), offset, bytes, path_));
  if (!block.hash) block.hash = std::make_unique<BlockHash>();
  block.hash->update(bytes);
  block.filled += bytes.size();
  done_ += bytes.size();
  if (block.filled == length_of(index)) TRY(complete(index));
  return {};
}

Result<void> PartialFile::complete(std::uint64_t index) {
  Block& block = blocks_[index];
  block.done = true;
  TRY(journal_.add(index, block.hash->finish()));
  block.hash.reset();
  advance_prefix();
  return {};
}

void PartialFile::advance_prefix() {
  for (std::uint64_t next = prefix_ / block_bytes; next < blocks_.size() && blocks_[next].done;
       ++next) {
    prefix_ = next * block_bytes + blocks_[next].filled;
  }
}

Result<void> PartialFile::end_at(std::uint64_t bytes) {
  version_->bytes = bytes;
  const std::uint64_t last = bytes / block_bytes;
  if (last < blocks_.size() && !blocks_[last].done && blocks_[last].filled == length_of(last)) {
    return complete(last);
  }
  return {};
}

std::optional<Extent> PartialFile::missing(std::uint64_t from) const {
  if (!version_) return Extent{0, Extent::no_end};
  const std::uint64_t total = version_->bytes.value_or(Extent::no_end);
  std::uint64_t index = (from + block_bytes - 1) / block_bytes;
  while (index < blocks_.size() && blocks_[index].done) ++index;
  const std::uint64_t begin =
      index * block_bytes + (index < blocks_.size() ? blocks_[index].filled : 0);
  if (begin >= total) return std::nullopt;
  for (std::uint64_t next = index + 1; next < blocks_.size(); ++next) {
    if (blocks_[next].filled > 0) return Extent{begin, next * block_bytes};
  }
  return Extent{begin, total};
}

Result<void> PartialFile::publish() {
  if (::fsync(file_.get()) != 0) return file_error(path_, "write", errno);
  if (::rename(path_.c_str(), target_.c_str()) != 0) return file_error(target_, "write", errno);
  const std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : ".";
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return file_error(folder, "sync", errno);
  ::unlink(journal_.path().c_str());
  return {};
}

void PartialFile::discard() {
  ::unlink(path_.c_str());
  ::unlink(journal_.path().c_str());
}

}  // namespace tenfold
