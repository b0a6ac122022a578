// A lock on a file, so that two pulls of one model do not write over each other.
#pragma once

#include <filesystem>
#include <functional>

#include "tenfold/result.h"

namespace tenfold {

/// Held until destroyed, or until the process ends in any way.
class PullLock {
 public:
  /// Waits while another process holds it, calling `on_wait` once; cancelled when `cancelled` says
  /// so (polled ten times a second). Both may be empty.
  static Result<PullLock> acquire(const std::filesystem::path& path,
                                  const std::function<void()>& on_wait,
                                  const std::function<bool()>& cancelled);

  PullLock(PullLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PullLock& operator=(PullLock&&) = delete;
  ~PullLock();

 private:
  explicit PullLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tenfold
