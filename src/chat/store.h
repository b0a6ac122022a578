// Conversations in SQLite. Each message is committed when it is complete, so that neither a crash
// nor kill -9 loses what was said before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/database.h"
#include "tenfold/request.h"

namespace tenfold {

/// How a message came to its end.
enum class MessageState {
  complete,
  cancelled,  ///< the user stopped the answer; the text is what had come
  failed,     ///< the engine failed; the text is what had come
};

struct ChatMessage {
  std::string role;  ///< "user" or "assistant"
  std::string content;
  std::string reasoning;
  MessageState state = MessageState::complete;
};

struct ConversationSummary {
  std::int64_t id = 0;
  std::string title;  ///< the start of the first message
  std::string model;
  std::int64_t updated = 0;  ///< seconds since 1970
  int messages = 0;
};

struct Conversation {
  std::int64_t id = 0;
  std::string model;   ///< as the user named it
  std::string system;  ///< system message; may be empty
  std::vector<ChatMessage> messages;
};

/// What the model is given: the system message and the exchanges so far. A question whose answer
/// is missing or has no text is left out unless it is the last message, because chat templates
/// want the roles to alternate.
std::vector<Message> prompt_messages(const Conversation& conversation);

/// The conversations of one user. Not thread-safe; several processes may use one file.
class ChatStore {
 public:
  /// Opens or makes the database, and its folder. unsupported if a newer Tenfold wrote it.
  static Result<ChatStore> open(const std::string& path);

  /// Returns the id of a new, empty conversation.
  Result<std::int64_t> create(const std::string& model, const std::string& system);
  /// Appends one message and commits it. not_found for an unknown id.
  Result<void> append(std::int64_t id, const ChatMessage& message);
  /// Removes the last message if it is an answer.
  Result<void> remove_last_answer(std::int64_t id);
  Result<void> set_system(std::int64_t id, const std::string& system);
  Result<void> set_model(std::int64_t id, const std::string& model);
  /// Removes the conversation and its messages; not_found for an unknown id.
  Result<void> remove(std::int64_t id);

  /// not_found for an unknown id.
  Result<Conversation> load(std::int64_t id);
  /// All conversations, the last used first.
  Result<std::vector<ConversationSummary>> list();

 private:
  explicit ChatStore(Database database) : database_(std::move(database)) {}
  Result<void> require(std::int64_t id);
  Result<void> touch(std::int64_t id);
  Database database_;
};

}  // namespace tenfold
