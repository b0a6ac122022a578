#include "models/pull_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/files.h"

namespace tenfold {

Result<PullLock> PullLock::acquire(const std::filesystem::path& path,
                                   const std::function<void()>& on_wait,
                                   const std::function<bool()>& cancelled) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return file_error(path, "open", errno);
  PullLock lock(descriptor);
  for (bool told = false; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;) {
    if (errno != EWOULDBLOCK) return file_error(path, "lock", errno);
    if (!std::exchange(told, true) && on_wait) on_wait();
    if (cancelled && cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return lock;
}

PullLock::~PullLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tenfold
