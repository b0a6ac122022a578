#include "server/app/conversations/conversation_request.h"

#include <fmt/format.h>

#include <charconv>

#include "chat/json.h"
#include "chat/parameters.h"
#include "server/apis/fields.h"
#include "server/app/query.h"

namespace tenfold::server::conversations {
namespace {

constexpr std::size_t longest_title = 1000;
constexpr std::size_t most_attachments = 100;

template <typename Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

void check_settings(BodyReader& reader, const Json* settings, Json& out) {
  if (settings == nullptr) return;
  const auto read = read_generation(*settings);
  if (!read.ok()) return reader.keep(read.error());
  out = merge_settings(Json::object(), *settings);
}

/// Whether the field is there, if only as a null.
bool has(const Json& json, const char* field) { return json.is_object() && json.contains(field); }

void take_info(BodyReader& reader, const Json& json, ConversationInfo& info) {
  if (has(json, "title")) info.title.clear();
  if (has(json, "pinned")) info.pinned = false;
  if (has(json, "model")) info.model.clear();
  if (has(json, "engine")) info.engine.clear();
  if (has(json, "system")) info.system.reset();
  if (has(json, "settings")) info.settings = Json::object();
  if (has(json, "draft")) info.draft.clear();
  reader.optional("title", info.title)
      .optional("pinned", info.pinned)
      .optional("model", info.model)
      .optional("engine", info.engine)
      .optional("system", info.system)
      .optional("draft", info.draft);
  check_settings(reader, reader.take("settings"), info.settings);
  if (info.title.size() > longest_title) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     fmt::format("title is longer than {} bytes", longest_title)));
  }
}

void take_id(BodyReader& reader, const char* field, std::optional<std::int64_t>& out) {
  const Json* value = reader.take(field);
  if (value == nullptr) return;
  if (value->is_number_integer()) {
    out = value->get<std::int64_t>();
  } else {
    reader.keep(fail(ErrorCode::invalid_argument,
                     fmt::format("{} must be the id of a message", reader.name(field))));
  }
}

/// What an answer and a look at the prompt have in common.
void take_question(BodyReader& reader, const Json& json, Ask& ask) {
  if (has(json, "parent")) {
    std::optional<std::int64_t> parent;
    take_id(reader, "parent", parent);
    ask.parent = parent;
  }
  reader.optional("content", ask.content)
      .optional("attachments", ask.attachments)
      .optional("model", ask.model)
      .optional("engine", ask.engine);
  if (ask.attachments.size() > most_attachments) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     fmt::format("attachments are more than {}", most_attachments)));
  }
  if (!ask.attachments.empty() && !ask.content) {
    reader.keep(fail(ErrorCode::invalid_argument, "attachments needs content"));
  }
}

void take_tool_results(BodyReader& reader, Ask& ask) {
  const Json* rows = reader.take("tool_results");
  if (rows == nullptr) return;
  if (!rows->is_array()) {
    return reader.keep(fail(ErrorCode::invalid_argument, "tool_results must be an array"));
  }
  for (const Json& row : *rows) {
    ChatMessage message{"tool", ""};
    reader.keep(BodyReader(row, fmt::format("tool_results[{}]", ask.tool_results.size()))
                    .required("tool_call_id", message.tool_call_id)
                    .required("content", message.content)
                    .finish());
    ask.tool_results.push_back(std::move(message));
  }
}

}  // namespace

Result<ConversationInfo> read_new(const Json& json) {
  ConversationInfo info;
  BodyReader reader(json, "");
  take_info(reader, json, info);
  TRY(reader.finish());
  return info;
}

Result<void> read_change(const Json& json, ConversationInfo& info) {
  BodyReader reader(json, "");
  take_info(reader, json, info);
  if (has(json, "head")) info.head.reset();
  take_id(reader, "head", info.head);
  return reader.finish();
}

Result<ConversationQuery> read_query(const std::map<std::string, std::string>& query) {
  constexpr int most = 1000;
  ConversationQuery out;
  out.limit = 200;
  for (const auto& [name, value] : query) {
    if (name == "q") {
      out.text = value;
    } else if (name == "deleted") {
      out.deleted = TRY(read_choice({{name, value}}, name, "false", "true"));
    } else if (name == "limit" || name == "offset") {
      int& number = name == "limit" ? out.limit : out.offset;
      if (!read_number(value, number) || number < (name == "limit" ? 1 : 0) || out.limit > most) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} must be a number; limit is 1 to {}", name, most));
      }
    } else {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is not a parameter of this query", name),
                  "there are q, deleted, limit and offset");
    }
  }
  return out;
}

Result<Ask> read_ask(const Json& json) {
  Ask ask;
  BodyReader reader(json, "");
  take_question(reader, json, ask);
  take_tool_results(reader, ask);
  take_id(reader, "regenerate", ask.regenerate);
  take_id(reader, "continue", ask.continued);
  check_settings(reader, reader.take("settings"), ask.settings);
  TRY(reader.finish());
  const int kinds = int{ask.content.has_value()} + int{!ask.tool_results.empty()} +
                    int{ask.regenerate.has_value()} + int{ask.continued.has_value()};
  if (kinds != 1) {
    return fail(ErrorCode::invalid_argument,
                "give exactly one of content, tool_results, regenerate and continue");
  }
  if (ask.parent && (ask.regenerate || ask.continued)) {
    return fail(ErrorCode::invalid_argument, "parent needs content or tool_results");
  }
  return ask;
}

Result<Ask> read_look(const Json& json) {
  Ask ask;
  BodyReader reader(json, "");
  take_question(reader, json, ask);
  reader.optional("tokens", ask.tokens);
  TRY(reader.finish());
  return ask;
}

}  // namespace tenfold::server::conversations
