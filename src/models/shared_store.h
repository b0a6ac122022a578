// The store of a process that lives long and has many threads.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <utility>

#include "models/store.h"

namespace tenfold {

/// Opens the store, which checks the index, when it is first needed; again only when an error of
/// the database calls for another check, or when another process has put a new index in its place.
/// Where the folder cannot be written, the index is read anew each time. Thread-safe; blocks for as
/// long as another use takes, so uses are short.
class SharedStore {
 public:
  /// Calls `use(ModelStore&)` with nobody else at the store, and returns its Result.
  template <typename Use>
  auto with(const Use& use) -> decltype(use(std::declval<ModelStore&>())) {
    const std::lock_guard lock(mutex_);
    TRY(open());
    auto result = use(*store_);
    if (!result.ok() && result.error().code == ErrorCode::io) store_.reset();
    return result;
  }

 private:
  Result<void> open();

  std::mutex mutex_;
  std::optional<ModelStore> store_;
  dev_t device_ = 0;  ///< of the index that is open
  ino_t file_ = 0;    ///< likewise
};

}  // namespace tenfold
