// The bodies and queries of the routes for conversations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chat/store.h"
#include "engine/json.h"

namespace tenfold::server::conversations {

// Readers refuse what they do not know with invalid_argument, naming the field.

/// POST /api/v1/conversations
Result<ConversationInfo> read_new(const Json& json);

/// PATCH /api/v1/conversations/{id}: changes `info`; a null puts back what holds without it.
Result<void> read_change(const Json& json, ConversationInfo& info);

/// GET /api/v1/conversations?q=TEXT&deleted=true&limit=N&offset=N
Result<ConversationQuery> read_query(const std::map<std::string, std::string>& query);

/// What is to be answered. At most one of the first four is given.
struct Ask {
  std::optional<std::string> content;
  std::vector<ChatMessage> tool_results;
  std::optional<std::int64_t> regenerate;
  std::optional<std::int64_t> continued;
  /// Of content and tool_results: absent: the head; a null: none.
  std::optional<std::optional<std::int64_t>> parent;
  std::vector<Attachment> attachments;
  std::optional<std::string> model;
  std::optional<std::string> engine;
  Json settings = Json::object();
  bool tokens = true;  ///< of a look at the prompt: with its text and tokens
};

/// POST /api/v1/conversations/{id}/answers: exactly one of the first four.
Result<Ask> read_ask(const Json& json);

/// POST /api/v1/conversations/{id}/prompt: content or nothing.
Result<Ask> read_look(const Json& json);

}  // namespace tenfold::server::conversations
