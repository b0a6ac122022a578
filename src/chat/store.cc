#include "chat/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <unordered_map>

#include "base/files.h"
#include "base/text.h"
#include "chat/json.h"
#include "chat/schema.h"

namespace tenfold {
namespace {

constexpr const char* info_columns =
    "c.id, c.title, c.pinned, c.model, c.engine, c.system, c.settings, c.draft, c.head, c.created, "
    "c.updated, c.deleted";

std::optional<std::int64_t> number(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

/// Bytes that are no UTF-8, as engines may write them, become U+FFFD.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error damaged(std::string_view what, std::int64_t id) {
  return fail(ErrorCode::io,
              "the database of conversations is damaged at the " + std::string(what) + " " +
                  std::to_string(id),
              "delete that conversation");
}

Result<ConversationInfo> read_info(const Statement& row) {
  ConversationInfo info;
  info.id = row.integer(0);
  info.title = row.text(1);
  info.pinned = row.integer(2) != 0;
  info.model = row.text(3);
  info.engine = row.text(4);
  if (!row.is_null(5)) info.system = row.text(5);
  info.settings = Json::parse(row.text(6), nullptr, false);
  if (!info.settings.is_object()) return damaged("conversation", info.id);
  info.draft = row.text(7);
  info.head = number(row, 8);
  info.created = row.integer(9);
  info.updated = row.integer(10);
  info.deleted = number(row, 11);
  return info;
}

Result<ChatMessage> read_message(const Statement& row) {
  ChatMessage message;
  message.id = row.integer(0);
  message.parent = number(row, 1);
  message.role = row.text(2);
  message.content = row.text(3);
  message.reasoning = row.text(4);
  message.state = message_state_from(row.text(5)).value_or(MessageState::complete);
  message.created = row.integer(6);
  const Json details = Json::parse(row.text(7), nullptr, false);
  if (!details.is_object() || !read_details(details, "message", message).ok()) {
    return damaged("message", message.id);
  }
  return message;
}

}  // namespace

Result<ChatStore> ChatStore::open(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) TRY(make_folder(folder));
  // Made here, so that only its owner can read what was said; SQLite's other files follow it.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  Database database = TRY(Database::open(path));
  TRY(database.make_tables(chat_schema()));
  TRY(database.add_function("fold_case", fold_case));
  return ChatStore(std::move(database));
}

Result<void> ChatStore::require(std::int64_t id) {
  Statement query = TRY(database_.prepare("SELECT 1 FROM conversations WHERE id = ?"));
  if (TRY(query.bind(id).step())) return {};
  return fail(ErrorCode::not_found, "there is no conversation " + std::to_string(id),
              "list those that are here");
}

Result<void> ChatStore::require_message(std::int64_t id, std::optional<std::int64_t> message) {
  if (!message) return {};
  Statement query =
      TRY(database_.prepare("SELECT 1 FROM messages WHERE id = ? AND conversation = ?"));
  if (TRY(query.bind(*message).bind(id).step())) return {};
  return fail(ErrorCode::invalid_argument,
              "there is no message " + std::to_string(*message) + " in this conversation");
}

Result<std::int64_t> ChatStore::create(const ConversationInfo& info) {
  Statement insert =
      TRY(database_.prepare("INSERT INTO conversations (title, pinned, model, engine, system, "
                            "settings, draft) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(info.title).bind(std::int64_t{info.pinned}).bind(info.model).bind(info.engine);
  TRY(insert.bind(info.system).bind(text_of(info.settings)).bind(info.draft).run());
  return database_.last_row();
}

Result<std::int64_t> ChatStore::insert(std::int64_t id, const ChatMessage& message) {
  Statement insert = TRY(database_.prepare(
      "INSERT INTO messages (conversation, parent, role, content, reasoning, state, created, "
      "details, owner) VALUES (?, ?, ?, ?, ?, ?, coalesce(nullif(?, 0), unixepoch()), ?, ?)"));
  insert.bind(id).bind(message.parent).bind(message.role).bind(message.content);
  insert.bind(message.reasoning).bind(to_string(message.state)).bind(message.created);
  TRY(insert.bind(text_of(details_json(message))).bind(owner_of(message)).run());
  return database_.last_row();
}

Result<std::int64_t> ChatStore::add(const Conversation& conversation) {
  Transaction transaction = TRY(Transaction::begin(database_));
  const std::int64_t id = TRY(create(conversation));
  std::unordered_map<std::int64_t, std::int64_t> ids;
  for (ChatMessage message : conversation.messages) {
    const std::int64_t old = message.id;
    if (message.parent) message.parent = ids.at(*message.parent);
    ids[old] = TRY(insert(id, message));
  }
  std::optional<std::int64_t> head = conversation.head;
  if (head) head = ids.at(*head);
  Statement times = TRY(database_.prepare(
      "UPDATE conversations SET head = ?, created = coalesce(nullif(?, 0), created) WHERE id = ?"));
  TRY(times.bind(head).bind(conversation.created).bind(id).run());
  TRY(transaction.commit());
  return id;
}

Result<void> ChatStore::append(std::int64_t id, ChatMessage& message) {
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(require(id));
  TRY(require_message(id, message.parent));
  message.id = TRY(insert(id, message));
  Statement update =
      TRY(database_.prepare("UPDATE conversations SET updated = unixepoch(), head = ?, "
                            "title = coalesce(nullif(title, ''), ?) WHERE id = ?"));
  const std::string title = message.role == "user" ? title_of(message.content) : std::string();
  TRY(update.bind(message.id).bind(title).bind(id).run());
  Statement time = TRY(database_.prepare("SELECT created FROM messages WHERE id = ?"));
  TRY(time.bind(message.id).step());
  message.created = time.integer(0);
  return transaction.commit();
}

Result<void> ChatStore::update(const ChatMessage& message) {
  Statement update = TRY(database_.prepare(
      "UPDATE messages SET content = ?, reasoning = ?, state = ?, details = ?, owner = ? "
      "WHERE id = ?"));
  update.bind(message.content).bind(message.reasoning).bind(to_string(message.state));
  update.bind(text_of(details_json(message))).bind(owner_of(message));
  return update.bind(message.id).run();
}

Result<void> ChatStore::change(const ConversationInfo& info) {
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(require(info.id));
  TRY(require_message(info.id, info.head));
  Statement update = TRY(
      database_.prepare("UPDATE conversations SET title = ?, pinned = ?, model = ?, engine = ?, "
                        "system = ?, settings = ?, draft = ?, head = ? WHERE id = ?"));
  update.bind(info.title).bind(std::int64_t{info.pinned}).bind(info.model).bind(info.engine);
  update.bind(info.system).bind(text_of(info.settings)).bind(info.draft).bind(info.head);
  TRY(update.bind(info.id).run());
  return transaction.commit();
}

Result<void> ChatStore::set_deleted(std::int64_t id, bool deleted) {
  TRY(require(id));
  Statement update =
      TRY(database_.prepare(deleted ? "UPDATE conversations SET deleted = unixepoch() WHERE id = ?"
                                    : "UPDATE conversations SET deleted = NULL WHERE id = ?"));
  return update.bind(id).run();
}

Result<void> ChatStore::remove(std::int64_t id) {
  TRY(require(id));
  Statement remove = TRY(database_.prepare("DELETE FROM conversations WHERE id = ?"));
  return remove.bind(id).run();
}

Result<void> ChatStore::purge(std::chrono::seconds age) {
  Statement remove =
      TRY(database_.prepare("DELETE FROM conversations WHERE deleted <= unixepoch() - ?"));
  return remove.bind(static_cast<std::int64_t>(age.count())).run();
}

Result<void> ChatStore::end_running(const Error& error,
                                    const std::function<bool(const std::string& owner)>& lives) {
  Statement rows =
      TRY(database_.prepare("SELECT DISTINCT owner FROM messages WHERE state = 'running'"));
  std::vector<std::optional<std::string>> ended;
  while (TRY(rows.step())) {
    if (rows.is_null(0)) {
      ended.emplace_back();
    } else if (const std::string owner = rows.text(0); !lives(owner)) {
      ended.emplace_back(owner);
    }
  }
  for (const auto& owner : ended) TRY(end_running_of(owner, error));
  return {};
}

Result<void> ChatStore::end_running_of(const std::optional<std::string>& owner,
                                       const Error& error) {
  Statement update = TRY(database_.prepare(
      "UPDATE messages SET state = 'failed', details = json_set(details, '$.error', json(?)), "
      "owner = NULL WHERE state = 'running' AND owner IS ?"));
  return update.bind(text_of(to_json(error))).bind(owner).run();
}

std::optional<std::string> ChatStore::owner_of(const ChatMessage& message) const {
  return message.state == MessageState::running ? owner_ : std::nullopt;
}

Result<ConversationInfo> ChatStore::info(std::int64_t id) {
  TRY(require(id));
  Statement row = TRY(database_.prepare(std::string("SELECT ") + info_columns +
                                        " FROM conversations c WHERE id = ?"));
  TRY(row.bind(id).step());
  return read_info(row);
}

Result<Conversation> ChatStore::load(std::int64_t id) {
  Conversation conversation{TRY(info(id)), {}};
  Statement rows =
      TRY(database_.prepare("SELECT id, parent, role, content, reasoning, state, created, details "
                            "FROM messages WHERE conversation = ? ORDER BY id"));
  rows.bind(id);
  while (TRY(rows.step())) conversation.messages.push_back(TRY(read_message(rows)));
  return conversation;
}

/// What the first message with the text says around it.
Result<std::string> ChatStore::snippet(std::int64_t id, const std::string& folded) {
  // As many characters before the text as in what was folded.
  Statement row = TRY(database_.prepare(
      "SELECT substr(content, max(1, instr(fold_case(content), ?1) - 40), 160) FROM messages "
      "WHERE conversation = ?2 AND instr(fold_case(content), ?1) ORDER BY id LIMIT 1"));
  if (!TRY(row.bind(folded).bind(id).step())) return std::string();
  return row.text(0);
}

Result<std::vector<ConversationSummary>> ChatStore::list(const ConversationQuery& query) {
  const std::string folded = fold_case(query.text);
  Statement rows = TRY(database_.prepare(
      std::string("SELECT ") + info_columns +
      ", (SELECT count(*) FROM messages WHERE conversation = c.id) FROM conversations c "
      "WHERE (deleted IS NOT NULL) = ?1 AND (?2 = '' OR instr(fold_case(title), ?2) OR EXISTS "
      "(SELECT 1 FROM messages WHERE conversation = c.id AND instr(fold_case(content), ?2))) "
      "ORDER BY c.pinned DESC, c.updated DESC, c.id DESC LIMIT ?3 OFFSET ?4"));
  rows.bind(std::int64_t{query.deleted}).bind(folded);
  rows.bind(std::int64_t{query.limit}).bind(std::int64_t{query.offset});
  std::vector<ConversationSummary> all;
  while (TRY(rows.step())) {
    ConversationSummary summary{TRY(read_info(rows)), static_cast<int>(rows.integer(12)), {}};
    if (!folded.empty()) summary.snippet = TRY(snippet(summary.info.id, folded));
    all.push_back(std::move(summary));
  }
  return all;
}

}  // namespace tenfold
