#include <fmt/format.h>

#include <array>
#include <charconv>
#include <unordered_set>

#include "chat/json.h"
#include "chat/parameters.h"
#include "engine/field_reader.h"

namespace tenfold {
namespace {

constexpr std::size_t most_messages = 20'000;

Error invalid(std::string message) { return fail(ErrorCode::invalid_argument, std::move(message)); }

/// A null is as if the field were not there.
Json without_nulls(const Json& object) {
  if (!object.is_object()) return object;
  return merge_settings(Json::object(), object);
}

Result<void> take(Json& object, const char* field, const std::string& where, std::int64_t& out) {
  const auto found = object.find(field);
  if (found == object.end()) return {};
  if (!found->is_number_integer()) return invalid(where + "." + field + " must be a whole number");
  out = found->get<std::int64_t>();
  object.erase(found);
  return {};
}

Result<void> take(Json& object, const char* field, const std::string& where,
                  std::optional<std::int64_t>& out) {
  if (!object.contains(field)) return {};
  out = 0;
  return take(object, field, where, *out);
}

Result<void> read_seed(const std::string& text, const std::string& where, ChatMessage& message) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid(where + ".seed must be a number of 64 bits, as text");
  }
  message.seed = seed;
  return {};
}

Result<ChatMessage> read_message(const Json& given, const std::string& where) {
  if (!given.is_object()) return invalid(where + " must be an object");
  Json json = without_nulls(given);
  ChatMessage message;
  if (!json.contains("id")) return invalid(where + ".id is missing");
  TRY(take(json, "id", where, message.id));
  TRY(take(json, "parent", where, message.parent));
  TRY(take(json, "created", where, message.created));
  Json head = Json::object();
  for (const char* field : {"role", "content", "reasoning", "state"}) {
    if (!json.contains(field)) continue;
    head[field] = std::move(json[field]);
    json.erase(field);
  }
  std::string state = "complete";
  TRY(FieldReader(head, where)
          .required("role", message.role)
          .required("content", message.content)
          .optional("reasoning", message.reasoning)
          .optional("state", state)
          .finish());
  if (message.role != "user" && message.role != "assistant" && message.role != "tool") {
    return invalid(where + ".role must be user, assistant or tool");
  }
  const auto known = message_state_from(state);
  if (!known) return invalid(where + ".state must be complete, cancelled or failed");
  // Whoever wrote it does so no more.
  message.state = *known == MessageState::running ? MessageState::cancelled : *known;
  TRY(read_details(json, where, message));
  return message;
}

Result<std::vector<ChatMessage>> read_messages(const Json& rows) {
  if (!rows.is_array()) return invalid("messages must be an array");
  if (rows.size() > most_messages) {
    return invalid(fmt::format("messages has {}, and {} are the most", rows.size(), most_messages));
  }
  std::vector<ChatMessage> messages;
  std::unordered_set<std::int64_t> ids;
  for (const Json& row : rows) {
    const std::string where = fmt::format("messages[{}]", messages.size());
    messages.push_back(TRY(read_message(row, where)));
    const ChatMessage& message = messages.back();
    if (message.parent && !ids.contains(*message.parent)) {
      return invalid(where + ".parent is no message before it");
    }
    if (!ids.insert(message.id).second) return invalid(where + ".id is that of another message");
  }
  return messages;
}

}  // namespace

Result<void> read_value(const Json& json, const std::string& where, Attachment& out) {
  return FieldReader(json, where).required("name", out.name).required("text", out.text).finish();
}

Result<void> read_details(const Json& details, const std::string& where, ChatMessage& message) {
  const Json json = without_nulls(details);
  std::string seed;
  FinishReason finish{};
  Json error;
  Json rest = json;
  if (json.contains("error")) {
    error = json["error"];
    rest.erase("error");
    if (!error.is_object()) return invalid(where + ".error must be an object");
    message.error = error_from_json(error);
  }
  TRY(FieldReader(rest, where)
          .optional("tool_calls", message.tool_calls)
          .optional("tool_call_id", message.tool_call_id)
          .optional("attachments", message.attachments)
          .optional("model", message.model)
          .optional("engine", message.engine)
          .optional("engine_version", message.engine_version)
          .optional("finish_reason", finish)
          .optional("seed", seed)
          .optional("usage", message.usage)
          .finish());
  if (rest.contains("finish_reason")) message.finish_reason = to_string(finish);
  if (rest.contains("seed")) TRY(read_seed(seed, where, message));
  return {};
}

Result<Conversation> read_export(const Json& given) {
  if (!given.is_object() || given.value("tenfold_conversation", Json()) != Json(1)) {
    return fail(ErrorCode::invalid_argument,
                "this is no conversation that Tenfold exported: tenfold_conversation must be 1",
                "choose a file made by exporting a conversation as JSON");
  }
  Json json = without_nulls(given);
  json.erase("tenfold_conversation");
  Conversation conversation;
  TRY(take(json, "created", "the conversation", conversation.created));
  TRY(take(json, "updated", "the conversation", conversation.updated));
  TRY(take(json, "head", "the conversation", conversation.head));
  conversation.messages = TRY(read_messages(json.value("messages", Json())));
  json.erase("messages");
  if (const auto settings = json.find("settings"); settings != json.end()) {
    TRY(read_generation(*settings));
    conversation.settings = merge_settings(Json::object(), *settings);
    json.erase(settings);
  }
  TRY(FieldReader(json, "the conversation")
          .optional("title", conversation.title)
          .optional("pinned", conversation.pinned)
          .optional("model", conversation.model)
          .optional("engine", conversation.engine)
          .optional("system", conversation.system)
          .optional("draft", conversation.draft)
          .finish());
  if (!conversation.head && !conversation.messages.empty()) {
    conversation.head = conversation.messages.back().id;
  }
  if (conversation.head && branch_of(conversation, conversation.head).empty()) {
    return invalid("head is none of the messages");
  }
  return conversation;
}

}  // namespace tenfold
