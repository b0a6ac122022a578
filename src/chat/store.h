// Conversations in SQLite. Each message is committed when it is complete, so that neither a crash
// nor kill -9 loses what was said before.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/database.h"
#include "chat/conversation.h"

namespace tenfold {

struct ConversationQuery {
  std::string text = {};  ///< stands in the title or a message, in any case of letters
  bool deleted = false;   ///< only those that are; else only those that are not
  int limit = 1'000'000;
  int offset = 0;
};

/// The conversations of one user. Not thread-safe; several processes may use one file.
class ChatStore {
 public:
  /// Opens or makes the database, and its folder. unsupported if a newer Tenfold wrote it.
  static Result<ChatStore> open(const std::string& path);

  /// Messages that are stored as running from now on are marked as those of `owner`, a process.
  void own_running(std::string owner) { owner_ = std::move(owner); }

  /// Returns the id of a new, empty conversation with the title, model, engine, system message,
  /// settings, draft and pin of `info`.
  Result<std::int64_t> create(const ConversationInfo& info);
  /// Adds a conversation with all its messages, under new ids; returns its own.
  Result<std::int64_t> add(const Conversation& conversation);

  /// Appends a message to `message.parent`, commits it and makes it the head; `message` gets its id
  /// and time. A conversation without a title takes that of the message. not_found for an unknown
  /// conversation, invalid_argument for a parent that is none of its messages.
  Result<void> append(std::int64_t id, ChatMessage& message);
  /// Writes what the message has become: its text, state and details.
  Result<void> update(const ChatMessage& message);
  /// Writes all that `info` holds but its times; not_found; invalid_argument for a head that is
  /// none of its messages.
  Result<void> change(const ConversationInfo& info);

  /// Marks the conversation as deleted or not; not_found.
  Result<void> set_deleted(std::int64_t id, bool deleted);
  /// Removes the conversation and its messages; not_found for an unknown id.
  Result<void> remove(std::int64_t id);
  /// Removes those that were marked as deleted so long ago.
  Result<void> purge(std::chrono::seconds age);
  /// Answers that a process left unfinished have failed: those of owners that `lives` denies, and
  /// those of none.
  Result<void> end_running(const Error& error,
                           const std::function<bool(const std::string& owner)>& lives);

  /// not_found for an unknown id.
  Result<ConversationInfo> info(std::int64_t id);
  Result<Conversation> load(std::int64_t id);
  /// Pinned ones first, then the last changed first.
  Result<std::vector<ConversationSummary>> list(const ConversationQuery& query = {});

 private:
  explicit ChatStore(Database database) : database_(std::move(database)) {}
  [[nodiscard]] std::optional<std::string> owner_of(const ChatMessage& message) const;
  Result<void> require(std::int64_t id);
  Result<void> require_message(std::int64_t id, std::optional<std::int64_t> message);
  Result<std::int64_t> insert(std::int64_t id, const ChatMessage& message);
  Result<std::string> snippet(std::int64_t id, const std::string& folded);
  Result<void> end_running_of(const std::optional<std::string>& owner, const Error& error);
  Database database_;
  std::optional<std::string> owner_;
};

}  // namespace tenfold
