#include "text/tool_messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/tool_form.h"

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

std::string call_text(const ToolCall& call) {
  const ToolForm& form = generic_tool_form();
  const Json json{{"name", call.name}, {"arguments", Json::parse(call.arguments)}};
  return form.open + json.dump() + form.close;
}

std::string preamble(const std::vector<Tool>& tools) {
  std::string text = "You can call these functions:\n<tools>\n";
  for (const Tool& tool : tools) {
    Json json{{"name", tool.name}, {"description", tool.description}};
    if (!tool.parameters.empty()) json["parameters"] = Json::parse(tool.parameters);
    text += json.dump() + "\n";
  }
  const ToolForm& form = generic_tool_form();
  return text +
         "</tools>\nTo call a function, write its name and its arguments as JSON, like this:\n" +
         form.open + R"({"name": "function name", "arguments": {"argument": "value"}})" +
         form.close + "\nThe result will be given to you within <tool_response></tool_response>.";
}

Message plain(const Message& message) {
  if (message.role == "tool") {
    return {"user", "<tool_response>\n" + message.content + "\n</tool_response>"};
  }
  Message result{message.role, message.content, message.reasoning};
  for (const ToolCall& call : message.tool_calls) {
    if (!result.content.empty()) result.content += "\n";
    result.content += call_text(call);
  }
  return result;
}

}  // namespace

ChatPrompt plain_messages(const ChatPrompt& chat, bool has_system_message) {
  ChatPrompt result;
  bool follows_result = false;
  for (const Message& message : chat.messages) {
    Message shown = plain(message);
    // Results of one answer's calls are one message: many templates refuse two of one role.
    if (message.role == "tool" && follows_result) {
      result.messages.back().content += "\n" + shown.content;
    } else {
      result.messages.push_back(std::move(shown));
    }
    follows_result = message.role == "tool";
  }
  if (chat.tools.empty()) return result;
  std::vector<Message>& messages = result.messages;
  if (messages.front().role == "system") {
    messages.front().content += "\n\n" + preamble(chat.tools);
    return result;
  }
  const auto user = std::ranges::find(messages, "user", &Message::role);
  if (has_system_message || user == messages.end()) {
    messages.insert(messages.begin(), Message{"system", preamble(chat.tools)});
  } else {
    user->content = preamble(chat.tools) + "\n\n" + user->content;
  }
  return result;
}

}  // namespace tenfold
