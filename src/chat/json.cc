#include "chat/json.h"

#include "engine/json_fields.h"

namespace tenfold {
namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json calls_json(const std::vector<ToolCall>& calls) {
  Json rows = Json::array();
  for (const ToolCall& call : calls) {
    rows.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  }
  return rows;
}

Json attachments_json(const std::vector<Attachment>& attachments) {
  Json rows = Json::array();
  for (const Attachment& file : attachments) {
    rows.push_back({{"name", file.name}, {"text", file.text}});
  }
  return rows;
}

}  // namespace

Json details_json(const ChatMessage& message) {
  Json json{{"tool_calls", calls_json(message.tool_calls)},
            {"tool_call_id", message.tool_call_id},
            {"attachments", attachments_json(message.attachments)},
            {"model", message.model},
            {"engine", message.engine},
            {"engine_version", message.engine_version},
            {"finish_reason", nullptr},
            {"seed", nullptr},
            {"usage", nullptr},
            {"error", nullptr}};
  if (!message.finish_reason.empty()) json["finish_reason"] = message.finish_reason;
  // As text: numbers of 64 bits are not exact where JavaScript reads them.
  if (message.seed) json["seed"] = std::to_string(*message.seed);
  if (message.usage) json["usage"] = to_json(*message.usage);
  if (message.error) json["error"] = to_json(*message.error);
  return json;
}

Json to_json(const ChatMessage& message) {
  Json json = details_json(message);
  json["id"] = message.id;
  json["parent"] = or_null(message.parent);
  json["role"] = message.role;
  json["content"] = message.content;
  json["reasoning"] = message.reasoning;
  json["state"] = to_string(message.state);
  json["created"] = message.created;
  return json;
}

Json to_json(const ConversationInfo& info) {
  return {{"id", info.id},
          {"title", info.title},
          {"pinned", info.pinned},
          {"model", info.model},
          {"engine", info.engine},
          {"system", or_null(info.system)},
          {"settings", info.settings},
          {"draft", info.draft},
          {"head", or_null(info.head)},
          {"created", info.created},
          {"updated", info.updated},
          {"deleted", or_null(info.deleted)}};
}

Json to_json(const Conversation& conversation) {
  Json json = to_json(static_cast<const ConversationInfo&>(conversation));
  json["messages"] = Json::array();
  for (const ChatMessage& message : conversation.messages) {
    json["messages"].push_back(to_json(message));
  }
  return json;
}

Json to_json(const ConversationSummary& summary) {
  Json json = to_json(summary.info);
  for (const char* field : {"system", "settings", "draft", "head"}) json.erase(field);
  json["messages"] = summary.messages;
  json["snippet"] = summary.snippet.empty() ? Json() : Json(summary.snippet);
  return json;
}

Json export_json(const Conversation& conversation) {
  Json json = to_json(conversation);
  for (const char* field : {"id", "deleted", "draft", "pinned", "updated"}) json.erase(field);
  json["tenfold_conversation"] = 1;
  return json;
}

std::string export_markdown(const Conversation& conversation) {
  std::string text = "# " + conversation.title + "\n";
  if (conversation.system && !conversation.system->empty()) {
    text += "\n## System\n\n" + *conversation.system + "\n";
  }
  for (const ChatMessage* message : branch_of(conversation, conversation.head)) {
    if (message->role == "user") text += "\n## You\n";
    if (message->role == "tool") text += "\n## Tool\n";
    if (message->role == "assistant") {
      text += message->model.empty() ? "\n## Answer\n" : "\n## " + message->model + "\n";
    }
    for (const Message& said : prompt_messages({}, {&message, 1})) {
      if (!said.content.empty()) text += "\n" + said.content + "\n";
      for (const ToolCall& call : said.tool_calls) {
        text += "\n`" + call.name + "(" + call.arguments + ")`\n";
      }
    }
    if (message->state == MessageState::cancelled) text += "\n*(stopped)*\n";
    if (message->state == MessageState::failed) text += "\n*(failed)*\n";
  }
  return text;
}

}  // namespace tenfold
