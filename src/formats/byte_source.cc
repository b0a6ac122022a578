// Files by pread, memory by memcpy.
#include "formats/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"

namespace tenfold {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  Result<void> check() {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return file_error(path_, "read", errno);
    if (S_ISDIR(status.st_mode)) {
      return fail(ErrorCode::bad_model, fmt::format("{} is a folder, not a model file", path_),
                  "name the model file inside it");
    }
    if (!S_ISREG(status.st_mode)) {
      return fail(ErrorCode::bad_model, fmt::format("{} is not a regular file", path_));
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }

  Result<void> read_at(std::uint64_t offset, std::span<char> into) const override {
    while (!into.empty()) {
      const ssize_t got =
          ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error(path_, "read", errno);
      if (got == 0) {
        return fail(ErrorCode::io, fmt::format("{} became shorter while it was read", path_));
      }
      offset += static_cast<std::uint64_t>(got);
      into = into.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const char> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  Result<void> read_at(std::uint64_t offset, std::span<char> into) const override {
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return {};
  }

 private:
  std::span<const char> bytes_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return file_error(path, "open", errno);
  auto source = std::make_unique<FileSource>(path, descriptor);
  TRY(source->check());
  return std::unique_ptr<ByteSource>(std::move(source));
}

std::unique_ptr<ByteSource> make_memory_source(std::span<const char> bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace tenfold
