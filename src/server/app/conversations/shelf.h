// The stored conversations, for many threads.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "base/file_lock.h"
#include "chat/store.h"

namespace tenfold::server::conversations {

/// Opens the database when it is first needed; then also marks answers that a server left
/// unfinished when it ended, and removes what was deleted long ago. Several servers may use one
/// data folder: each marks its running answers with a name of its own, and holds the lock on the
/// file of that name. Thread-safe; blocks.
class Shelf {
 public:
  Shelf() = default;
  ~Shelf();
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  /// Calls `use(ChatStore&)` with nobody else at the store, and returns what it does.
  template <typename Use>
  auto with(const Use& use) -> decltype(use(std::declval<ChatStore&>())) {
    const std::lock_guard lock(mutex_);
    TRY(open());
    return use(*store_);
  }

  /// The list of conversations has changed.
  void touch() { ++revision_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  Result<void> open();
  Result<void> own(ChatStore& store);

  std::mutex mutex_;
  std::optional<ChatStore> store_;
  std::filesystem::path owner_path_;
  std::optional<FileLock> owner_;  ///< on it: says that this server lives
  std::atomic<std::uint64_t> revision_ = 0;
};

}  // namespace tenfold::server::conversations
