#include "server/app/conversations/shelf.h"

#include <fmt/format.h>

#include <random>

#include "base/files.h"
#include "base/paths.h"

namespace tenfold::server::conversations {
namespace {

namespace fs = std::filesystem;

/// A file for each server that writes answers, locked as long as it lives.
fs::path owners_folder() { return data_folder() / "answering"; }

std::string new_owner() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// The file of one that does not is removed: its name comes never again.
bool lives(const std::string& owner) {
  const fs::path path = owners_folder() / owner;
  const auto ours = FileLock::try_acquire(path);
  if (!ours) return true;
  std::error_code ignored;
  fs::remove(path, ignored);
  return false;
}

}  // namespace

Shelf::~Shelf() {
  if (!owner_) return;
  std::error_code ignored;
  fs::remove(owner_path_, ignored);
}

/// Before anything is marked with the name, its lock is held.
Result<void> Shelf::own(ChatStore& store) {
  const std::string owner = new_owner();
  TRY(make_folder(owners_folder()));
  owner_path_ = owners_folder() / owner;
  owner_ = TRY(FileLock::acquire(owner_path_, {}, {}));
  store.own_running(owner);
  return {};
}

Result<void> Shelf::open() {
  constexpr std::chrono::hours kept_after_deletion{30 * 24};
  if (store_) return {};
  ChatStore store = TRY(ChatStore::open((data_folder() / "conversations.db").string()));
  TRY(own(store));
  TRY(store.purge(kept_after_deletion));
  TRY(store.end_running(fail(ErrorCode::internal,
                             "the server ended before this answer did; the text is what was saved",
                             "continue the answer, or ask again"),
                        lives));
  store_ = std::move(store);
  return {};
}

}  // namespace tenfold::server::conversations
