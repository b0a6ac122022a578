// The stored conversations, for many threads.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "chat/store.h"

namespace tenfold::server::conversations {

/// Opens the database when it is first needed; then also marks answers that an earlier server left
/// unfinished, and removes what was deleted long ago. Thread-safe; blocks.
class Shelf {
 public:
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

  std::mutex mutex_;
  std::optional<ChatStore> store_;
  std::atomic<std::uint64_t> revision_ = 0;
};

}  // namespace tenfold::server::conversations
