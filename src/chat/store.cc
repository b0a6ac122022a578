#include "chat/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/files.h"

namespace tenfold {
namespace {

constexpr const char* schema = R"sql(
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  system TEXT NOT NULL,
  created INTEGER NOT NULL DEFAULT (unixepoch()),
  updated INTEGER NOT NULL DEFAULT (unixepoch())
);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  content TEXT NOT NULL,
  reasoning TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('complete', 'cancelled', 'failed')),
  created INTEGER NOT NULL DEFAULT (unixepoch())
);
CREATE INDEX messages_of_conversation ON messages (conversation, id);
)sql";

constexpr std::array<std::string_view, 3> state_names{"complete", "cancelled", "failed"};

MessageState state_from(std::string_view name) {
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (state_names[i] == name) return static_cast<MessageState>(i);
  }
  return MessageState::complete;
}

}  // namespace

std::vector<Message> prompt_messages(const Conversation& conversation) {
  std::vector<Message> prompt;
  if (!conversation.system.empty()) prompt.push_back({"system", conversation.system});
  const std::vector<ChatMessage>& messages = conversation.messages;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const bool last = i + 1 == messages.size();
    const bool answered =
        !last && messages[i + 1].role == "assistant" && !messages[i + 1].content.empty();
    const bool question = messages[i].role == "user";
    if (question ? answered || last : !messages[i].content.empty()) {
      prompt.push_back({messages[i].role, messages[i].content});
    }
  }
  return prompt;
}

Result<ChatStore> ChatStore::open(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) TRY(make_folder(folder));
  // Made here, so that only its owner can read what was said; SQLite's other files follow it.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  Database database = TRY(Database::open(path));
  TRY(database.make_tables(1, schema));
  return ChatStore(std::move(database));
}

Result<void> ChatStore::require(std::int64_t id) {
  Statement query = TRY(database_.prepare("SELECT 1 FROM conversations WHERE id = ?"));
  if (TRY(query.bind(id).step())) return {};
  return fail(ErrorCode::not_found, "there is no conversation " + std::to_string(id),
              "list them with /list in tenfold chat");
}

Result<void> ChatStore::touch(std::int64_t id) {
  Statement update =
      TRY(database_.prepare("UPDATE conversations SET updated = unixepoch() WHERE id = ?"));
  return update.bind(id).run();
}

Result<std::int64_t> ChatStore::create(const std::string& model, const std::string& system) {
  Statement insert =
      TRY(database_.prepare("INSERT INTO conversations (model, system) VALUES (?, ?)"));
  TRY(insert.bind(model).bind(system).run());
  return database_.last_row();
}

Result<void> ChatStore::append(std::int64_t id, const ChatMessage& message) {
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(require(id));
  Statement insert =
      TRY(database_.prepare("INSERT INTO messages (conversation, role, content, reasoning, state) "
                            "VALUES (?, ?, ?, ?, ?)"));
  insert.bind(id).bind(message.role).bind(message.content).bind(message.reasoning);
  TRY(insert.bind(state_names[static_cast<std::size_t>(message.state)]).run());
  TRY(touch(id));
  return transaction.commit();
}

Result<void> ChatStore::remove_last_answer(std::int64_t id) {
  Statement remove =
      TRY(database_.prepare("DELETE FROM messages WHERE role = 'assistant' AND id = "
                            "(SELECT max(id) FROM messages WHERE conversation = ?)"));
  return remove.bind(id).run();
}

Result<void> ChatStore::set_system(std::int64_t id, const std::string& system) {
  Statement update = TRY(database_.prepare("UPDATE conversations SET system = ? WHERE id = ?"));
  return update.bind(system).bind(id).run();
}

Result<void> ChatStore::set_model(std::int64_t id, const std::string& model) {
  Statement update = TRY(database_.prepare("UPDATE conversations SET model = ? WHERE id = ?"));
  return update.bind(model).bind(id).run();
}

Result<void> ChatStore::remove(std::int64_t id) {
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(require(id));
  Statement remove = TRY(database_.prepare("DELETE FROM conversations WHERE id = ?"));
  TRY(remove.bind(id).run());
  return transaction.commit();
}

Result<Conversation> ChatStore::load(std::int64_t id) {
  TRY(require(id));
  Conversation conversation;
  conversation.id = id;
  Statement head = TRY(database_.prepare("SELECT model, system FROM conversations WHERE id = ?"));
  TRY(head.bind(id).step());
  conversation.model = head.text(0);
  conversation.system = head.text(1);
  Statement rows =
      TRY(database_.prepare("SELECT role, content, reasoning, state FROM messages "
                            "WHERE conversation = ? ORDER BY id"));
  rows.bind(id);
  while (TRY(rows.step())) {
    conversation.messages.push_back(
        {rows.text(0), rows.text(1), rows.text(2), state_from(rows.text(3))});
  }
  return conversation;
}

Result<std::vector<ConversationSummary>> ChatStore::list() {
  Statement rows = TRY(database_.prepare(
      "SELECT c.id, c.model, c.updated, count(m.id), "
      "coalesce((SELECT content FROM messages WHERE conversation = c.id ORDER BY id LIMIT 1), '') "
      "FROM conversations c LEFT JOIN messages m ON m.conversation = c.id "
      "GROUP BY c.id ORDER BY c.updated DESC, c.id DESC"));
  std::vector<ConversationSummary> all;
  while (TRY(rows.step())) {
    all.push_back({rows.integer(0), rows.text(4), rows.text(1), rows.integer(2),
                   static_cast<int>(rows.integer(3))});
  }
  return all;
}

}  // namespace tenfold
