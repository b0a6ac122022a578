#include "chat/schema.h"

#include <array>

namespace tenfold {
namespace {

constexpr const char* lines = R"sql(
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

// New tables, as SQLite cannot change checks. Each message becomes the child of the one before it.
constexpr const char* trees = R"sql(
CREATE TABLE new_conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL DEFAULT '',
  pinned INTEGER NOT NULL DEFAULT 0,
  model TEXT NOT NULL,
  engine TEXT NOT NULL DEFAULT '',
  system TEXT,
  settings TEXT NOT NULL DEFAULT '{}',
  draft TEXT NOT NULL DEFAULT '',
  head INTEGER,
  created INTEGER NOT NULL DEFAULT (unixepoch()),
  updated INTEGER NOT NULL DEFAULT (unixepoch()),
  deleted INTEGER
);
CREATE TABLE new_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL REFERENCES new_conversations (id) ON DELETE CASCADE,
  parent INTEGER,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
  content TEXT NOT NULL,
  reasoning TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('complete', 'cancelled', 'failed', 'running')),
  created INTEGER NOT NULL DEFAULT (unixepoch()),
  details TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO new_conversations (id, title, model, system, head, created, updated)
  SELECT c.id,
         coalesce((SELECT substr(replace(trim(content), char(10), ' '), 1, 80) FROM messages
                   WHERE conversation = c.id ORDER BY id LIMIT 1), ''),
         c.model, c.system, (SELECT max(id) FROM messages WHERE conversation = c.id),
         c.created, c.updated
  FROM conversations c;
INSERT INTO new_messages (id, conversation, parent, role, content, reasoning, state, created)
  SELECT id, conversation, lag(id) OVER (PARTITION BY conversation ORDER BY id), role, content,
         reasoning, state, created
  FROM messages;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'conversations')
  WHERE name = 'new_conversations';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_conversations', seq FROM sqlite_sequence WHERE name = 'conversations'
  AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_conversations');
DROP TABLE messages;
DROP TABLE conversations;
ALTER TABLE new_conversations RENAME TO conversations;
ALTER TABLE new_messages RENAME TO messages;
CREATE INDEX messages_of_conversation ON messages (conversation, id);
)sql";

// Of running answers: the process that writes them.
constexpr const char* owners = "ALTER TABLE messages ADD COLUMN owner TEXT;";

constexpr std::array<const char*, 3> steps{lines, trees, owners};

}  // namespace

std::span<const char* const> chat_schema() { return steps; }

}  // namespace tenfold
