#include "models/copy_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/descriptor.h"
#include "base/files.h"

namespace tenfold {
namespace {

constexpr std::uint64_t piece_bytes = 16 << 20;

/// copy_file_range() where the file systems allow it, else sendfile(); both copy in the kernel.
ssize_t copy_piece(int from, int to, std::size_t bytes) {
  const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, bytes, 0);
  if (copied >= 0) return copied;
  if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return -1;
  return ::sendfile(to, from, nullptr, bytes);
}

}  // namespace

Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::function<void(std::uint64_t)>& on_bytes,
                       const std::function<bool()>& cancelled) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.get() < 0) return file_error(from, "open", errno);
  struct stat status {};
  if (::fstat(source.get(), &status) != 0) return file_error(from, "read", errno);
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (target.get() < 0) return file_error(to, "write", errno);
  auto left = static_cast<std::uint64_t>(status.st_size);
  if (::ioctl(target.get(), FICLONE, source.get()) == 0) {
    if (on_bytes) on_bytes(left);
    left = 0;
  }
  while (left > 0) {
    if (cancelled && cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const ssize_t copied =
        copy_piece(source.get(), target.get(), std::min<std::uint64_t>(left, piece_bytes));
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0) return file_error(to, "write", errno);
    if (copied == 0) {
      return fail(ErrorCode::io, from.string() + " became shorter while it was copied",
                  "try again when nothing writes to it");
    }
    left -= static_cast<std::uint64_t>(copied);
    if (on_bytes) on_bytes(static_cast<std::uint64_t>(copied));
  }
  const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
  if (::futimens(target.get(), times.data()) != 0 || ::fsync(target.get()) != 0) {
    return file_error(to, "write", errno);
  }
  return {};
}

}  // namespace tenfold
