// Conversations as JSON: for the API, in files, and what the database keeps of an answer.
#pragma once

#include <string>

#include "chat/conversation.h"

namespace tenfold {

Json to_json(const ChatMessage& message);
Json to_json(const ConversationInfo& info);
/// With its messages.
Json to_json(const Conversation& conversation);
Json to_json(const ConversationSummary& summary);

/// All of a message that is in no column of its own.
Json details_json(const ChatMessage& message);
/// The inverse, into `message`; invalid_argument naming the field.
Result<void> read_details(const Json& details, const std::string& where, ChatMessage& message);

Result<void> read_value(const Json& json, const std::string& where, Attachment& out);

/// The form that read_export() reads; ids are those of the database.
Json export_json(const Conversation& conversation);
/// The branch that is shown, for people.
std::string export_markdown(const Conversation& conversation);

/// An exported conversation, or one made by others. Its ids are kept; invalid_argument naming the
/// field or message that is wrong: every parent stands before its children, there are at most
/// 20,000 messages, and their texts are UTF-8.
Result<Conversation> read_export(const Json& json);

}  // namespace tenfold
