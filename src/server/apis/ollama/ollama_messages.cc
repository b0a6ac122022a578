#include "server/apis/ollama/ollama_messages.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/apis/fields.h"

namespace tenfold::server::ollama {
namespace {

using OrderedJson = nlohmann::ordered_json;

Error must_be(const std::string& where, const std::string& what) {
  return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", where, what));
}

bool has_calls(const Json& message) {
  return message.is_object() && message.contains("tool_calls") && message["tool_calls"].is_array();
}

Result<ToolCall> read_tool_call(const Json& json, const std::string& where) {
  ToolCall call;
  BodyReader reader(json, where);
  reader.optional("id", call.id).only("type", {"function"});
  const Json* function = reader.take("function");
  TRY(reader.finish());
  if (function == nullptr) return must_be(where + ".function", "an object");
  int ignored = 0;
  BodyReader function_reader(*function, where + ".function");
  function_reader.required("name", call.name).optional("index", ignored);
  const Json* arguments = function_reader.take("arguments");
  TRY(function_reader.finish());
  if (arguments != nullptr && !arguments->is_object()) {
    return must_be(where + ".function.arguments", "an object");
  }
  call.arguments = "{}";
  return call;
}

Result<Message> read_message(const Json& json, const std::string& where) {
  Message message;
  BodyReader reader(json, where);
  reader.required("role", message.role)
      .optional("content", message.content)
      .optional("thinking", message.reasoning)
      .optional("tool_name", message.name)
      .optional("tool_call_id", message.tool_call_id)
      .only("images", {Json::array()});
  const Json* calls = reader.take("tool_calls");
  TRY(reader.finish());
  if (message.role == "developer") message.role = "system";
  if (calls == nullptr) return message;
  if (!calls->is_array()) return must_be(where + ".tool_calls", "an array");
  for (std::size_t i = 0; i < calls->size(); ++i) {
    message.tool_calls.push_back(
        TRY(read_tool_call((*calls)[i], fmt::format("{}.tool_calls[{}]", where, i))));
  }
  return message;
}

void set_arguments(std::vector<ToolCall>& calls, const OrderedJson& json) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const OrderedJson& function = json[i]["function"];
    const auto arguments = function.find("arguments");
    if (arguments != function.end() && arguments->is_object())
      calls[i].arguments = arguments->dump();
  }
}

/// Gives each call an id, and each result that of the first open call of its tool.
void link_results(std::vector<Message>& messages) {
  std::vector<const ToolCall*> open;
  int number = 0;
  for (Message& message : messages) {
    for (ToolCall& call : message.tool_calls) {
      if (call.id.empty()) call.id = fmt::format("call_{}", number);
      ++number;
      open.push_back(&call);
    }
    if (message.role != "tool") continue;
    const auto call = std::ranges::find_if(open, [&](const ToolCall* candidate) {
      if (!message.tool_call_id.empty()) return candidate->id == message.tool_call_id;
      return message.name.empty() || candidate->name == message.name;
    });
    if (call == open.end()) continue;
    message.tool_call_id = (*call)->id;
    if (message.name.empty()) message.name = (*call)->name;
    open.erase(call);
  }
}

}  // namespace

Result<std::vector<Message>> read_messages(const Json& json, const std::string& body,
                                           std::size_t most) {
  if (!json.is_array()) return must_be("messages", "an array");
  if (json.size() > most) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("messages has {} messages; the limit is {}", json.size(), most));
  }
  OrderedJson ordered;
  if (std::ranges::any_of(json, has_calls)) ordered = OrderedJson::parse(body, nullptr, false);
  std::vector<Message> messages;
  for (std::size_t i = 0; i < json.size(); ++i) {
    messages.push_back(TRY(read_message(json[i], fmt::format("messages[{}]", i))));
    if (!messages[i].tool_calls.empty()) {
      set_arguments(messages[i].tool_calls, ordered["messages"][i]["tool_calls"]);
    }
  }
  link_results(messages);
  return messages;
}

Json tool_call_json(const ToolCall& call) {
  Json arguments = Json::parse(call.arguments, nullptr, false);
  if (!arguments.is_object()) arguments = Json::object();
  return {{"id", call.id},
          {"function", {{"name", call.name}, {"arguments", std::move(arguments)}}}};
}

}  // namespace tenfold::server::ollama
