#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/files.h"

namespace tenfold {

Result<void> lock_file(int descriptor, const std::filesystem::path& path,
                       const std::function<void()>& on_wait,
                       const std::function<bool()>& cancelled) {
  for (bool told = false; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;) {
    if (errno != EWOULDBLOCK) return file_error(path, "lock", errno);
    if (!std::exchange(told, true) && on_wait) on_wait();
    if (cancelled && cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return {};
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path,
                                   const std::function<void()>& on_wait,
                                   const std::function<bool()>& cancelled) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error(path, "open", errno);
  TRY(lock_file(file.get(), path, on_wait, cancelled));
  return FileLock(std::move(file));
}

std::optional<FileLock> FileLock::try_acquire(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return FileLock(std::move(file));
}

}  // namespace tenfold
