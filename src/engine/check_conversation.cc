// Checks of conversations and of the tools in them.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/files.h"
#include "engine/invalid.h"
#include "engine/json.h"
#include "engine/json_depth.h"

namespace tenfold {
namespace {

constexpr std::size_t longest_name = 128;

struct Field {
  const std::string& text;
  const char* name;
};

Result<void> check_utf8(std::initializer_list<Field> fields, const std::string& where) {
  for (const Field& field : fields) {
    if (is_valid_utf8(field.text)) continue;
    return invalid(fmt::format("{}.{} is not valid UTF-8", where, field.name),
                   "convert the text to UTF-8");
  }
  return {};
}

/// Templates and grammars read this text again, and cannot take any depth.
Result<void> check_object(const std::string& text, const std::string& field) {
  if (nests_deeper(text, deepest_json)) {
    return invalid(fmt::format("{} is nested deeper than {}", field, deepest_json));
  }
  if (Json::parse(text, nullptr, false).is_object()) return {};
  return invalid(field + " is not the JSON text of an object");
}

bool is_allowed_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

Result<void> check_name(const std::string& name, const std::string& field) {
  if (!name.empty() && name.size() <= longest_name &&
      std::ranges::all_of(name, is_allowed_in_name)) {
    return {};
  }
  return invalid(fmt::format("{} cannot be \"{}\"", field, is_valid_utf8(name) ? name : "…"),
                 fmt::format("allowed: 1 to {} letters, digits, '_', '-' and '.'", longest_name));
}

/// What belongs to one role is an error in a message of another: no template would show it.
Result<void> check_role(const Message& message, const std::string& where) {
  constexpr std::string_view roles[] = {"system", "user", "assistant", "tool"};
  if (std::ranges::find(roles, message.role) == std::end(roles)) {
    return invalid(fmt::format("{}.role cannot be \"{}\"", where, message.role),
                   fmt::format("allowed: {}", fmt::join(roles, ", ")));
  }
  const auto only = [&](const char* field, const char* role) {
    return invalid(
        fmt::format("{}.{} belongs to messages of the role {} only", where, field, role));
  };
  const bool is_assistant = message.role == "assistant";
  const bool is_tool = message.role == "tool";
  if (!is_assistant && !message.reasoning.empty()) return only("reasoning", "assistant");
  if (!is_assistant && !message.tool_calls.empty()) return only("tool_calls", "assistant");
  if (!is_tool && !message.tool_call_id.empty()) return only("tool_call_id", "tool");
  if (!is_tool && !message.name.empty()) return only("name", "tool");
  return {};
}

Result<void> check_message(const Message& message, const std::string& where) {
  TRY(check_utf8({{message.role, "role"},
                  {message.content, "content"},
                  {message.reasoning, "reasoning"},
                  {message.tool_call_id, "tool_call_id"},
                  {message.name, "name"}},
                 where));
  TRY(check_role(message, where));
  for (std::size_t i = 0; i < message.tool_calls.size(); ++i) {
    const ToolCall& call = message.tool_calls[i];
    const std::string field = fmt::format("{}.tool_calls[{}]", where, i);
    TRY(check_utf8({{call.id, "id"}, {call.name, "name"}, {call.arguments, "arguments"}}, field));
    TRY(check_object(call.arguments, field + ".arguments"));
  }
  return {};
}

Result<void> check_tools(const std::vector<Tool>& tools) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const Tool& tool = tools[i];
    const std::string field = fmt::format("tools[{}]", i);
    TRY(check_name(tool.name, field + ".name"));
    if (!names.insert(tool.name).second) {
      return invalid(fmt::format("{}.name is \"{}\", as that of another tool", field, tool.name));
    }
    TRY(check_utf8({{tool.description, "description"}, {tool.parameters, "parameters"}}, field));
    if (!tool.parameters.empty()) TRY(check_object(tool.parameters, field + ".parameters"));
  }
  return {};
}

}  // namespace

Result<void> check_conversation(const ChatPrompt& chat) {
  if (chat.messages.empty()) return invalid("messages is empty", "give at least one message");
  for (std::size_t i = 0; i < chat.messages.size(); ++i) {
    TRY(check_message(chat.messages[i], fmt::format("messages[{}]", i)));
  }
  if (!chat.template_arguments.empty()) {
    TRY(check_utf8({{chat.template_arguments, "template_arguments"}}, "request"));
    TRY(check_object(chat.template_arguments, "template_arguments"));
  }
  return check_tools(chat.tools);
}

Result<void> check_tool_choice(const Request& request) {
  const ToolChoice& choice = request.tool_choice;
  const bool is_named = choice.kind == ToolChoice::Kind::named;
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  const bool has_tools = chat != nullptr && !chat->tools.empty();
  const auto constraint = request.constraint.kind;
  if (has_tools && choice.kind == ToolChoice::Kind::automatic &&
      (constraint == Constraint::Kind::regex || constraint == Constraint::Kind::lark)) {
    return invalid("constraint.kind cannot be regex or grammar where tools may be called",
                   "use json_schema, or tool_choice none");
  }
  if (!is_named && !choice.name.empty()) {
    return invalid("tool_choice.name needs the kind \"named\"");
  }
  if (!is_named && choice.kind != ToolChoice::Kind::required) return {};
  if (!has_tools) {
    return invalid("tool_choice asks for a tool, and the request has none", "give tools");
  }
  if (!is_named || std::ranges::count(chat->tools, choice.name, &Tool::name) > 0) return {};
  return invalid(fmt::format("tool_choice.name is \"{}\", which no tool has", choice.name));
}

}  // namespace tenfold
