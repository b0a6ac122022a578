#include "server/app/conversations/shelf.h"

#include "base/paths.h"

namespace tenfold::server::conversations {

Result<void> Shelf::open() {
  constexpr std::chrono::hours kept_after_deletion{30 * 24};
  if (store_) return {};
  ChatStore store = TRY(ChatStore::open((data_folder() / "conversations.db").string()));
  TRY(store.purge(kept_after_deletion));
  TRY(store.end_running(fail(ErrorCode::internal,
                             "the server ended before this answer did; the text is what was saved",
                             "continue the answer, or ask again")));
  store_ = std::move(store);
  return {};
}

}  // namespace tenfold::server::conversations
