// Locks on files, so that two processes or threads do not write over each other.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "tenfold/result.h"

namespace tenfold {

/// Takes the exclusive lock (flock) of an open file; it ends when the descriptor is closed. Waits
/// while another holder has it, calling `on_wait` once; `cancelled` is polled ten times a second
/// and ends the wait with that error. Both may be empty. `path` names the file in errors.
Result<void> lock_file(int descriptor, const std::filesystem::path& path,
                       const std::function<void()>& on_wait,
                       const std::function<bool()>& cancelled);

/// Held until destroyed, or until the process ends in any way.
class FileLock {
 public:
  /// Opens or makes the file and waits as lock_file() does.
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  const std::function<void()>& on_wait,
                                  const std::function<bool()>& cancelled);
  /// Does not wait and makes no file: nothing if another holder has it. A file that is not there
  /// is held by nobody.
  static std::optional<FileLock> try_acquire(const std::filesystem::path& path);

 private:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace tenfold
