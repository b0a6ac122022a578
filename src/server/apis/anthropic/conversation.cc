#include "server/apis/anthropic/conversation.h"

#include <fmt/format.h>

#include <map>

#include "server/apis/fields.h"

namespace tenfold::server::anthropic {
namespace {

Error must_be(const std::string& where, const std::string& what) {
  return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", where, what));
}

Result<std::string> type_of(const Json& block, const std::string& where) {
  std::string type;
  if (!block.is_object()) return must_be(where, "an object");
  if (!block.contains("type")) return fail(ErrorCode::invalid_argument, where + ".type is missing");
  TRY(read_value(block["type"], where + ".type", type));
  return type;
}

Error wrong_type(const std::string& where, const std::string& type, const std::string& allowed) {
  return fail(ErrorCode::unsupported,
              fmt::format("{} has the type \"{}\"; {} is supported here", where, type, allowed));
}

Result<std::string> read_text_block(const Json& block, const std::string& where) {
  std::string type;
  std::string text;
  BodyReader reader(block, where);
  TRY(reader.required("type", type).required("text", text).finish());
  return text;
}

/// A text, or an array of blocks of which all are text.
Result<std::string> read_text(const Json& json, const std::string& where) {
  return join_parts(json, where,
                    [](const Json& block, const std::string& name) -> Result<std::string> {
                      const std::string type = TRY(type_of(block, name));
                      if (type != "text") return wrong_type(name, type, "only text");
                      return read_text_block(block, name);
                    });
}

class Conversation {
 public:
  Result<void> add(const Value& message, const std::string& where) {
    std::string role;
    BodyReader reader(message.json, where);
    reader.required("role", role);
    const Json* content = reader.take("content");
    TRY(reader.finish());
    if (content == nullptr) return fail(ErrorCode::invalid_argument, where + ".content is missing");
    const std::string name = where + ".content";
    if (role == "user") return add_user(*content, name);
    if (role == "assistant") return add_assistant({*content, message.ordered["content"]}, name);
    if (role != "system") return must_be(where + ".role", "user, assistant or system");
    std::string text = TRY(read_text(*content, name));
    messages.push_back({role, std::move(text)});
    return {};
  }

  std::vector<Message> messages;

 private:
  Result<void> add_user(const Json& content, const std::string& where) {
    if (!content.is_array()) {
      std::string text = TRY(read_text(content, where));
      messages.push_back({"user", std::move(text)});
      return {};
    }
    if (content.empty()) return must_be(where, "no empty array");
    bool follows_text = false;
    for (std::size_t i = 0; i < content.size(); ++i) {
      const std::string name = fmt::format("{}[{}]", where, i);
      const std::string type = TRY(type_of(content[i], name));
      if (type == "tool_result") {
        TRY(add_result(content[i], name));
      } else if (type != "text") {
        return wrong_type(name, type, "only text and tool_result");
      } else {
        if (!follows_text) messages.push_back({"user", ""});
        add_line(messages.back().content, TRY(read_text_block(content[i], name)));
      }
      follows_text = type == "text";
    }
    return {};
  }

  Result<void> add_result(const Json& block, const std::string& where) {
    Message message{"tool", ""};
    std::string type;
    bool is_error = false;
    BodyReader reader(block, where);
    reader.required("type", type)
        .required("tool_use_id", message.tool_call_id)
        .optional("is_error", is_error);
    const Json* content = reader.take("content");
    TRY(reader.finish());
    const auto called = names_.find(message.tool_call_id);
    if (called == names_.end()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}.tool_use_id is \"{}\", which no tool_use block before it has",
                              where, message.tool_call_id));
    }
    message.name = called->second;
    if (content != nullptr) message.content = TRY(read_text(*content, where + ".content"));
    // Templates have no other place to tell the model.
    if (is_error) message.content = "Error: " + message.content;
    messages.push_back(std::move(message));
    return {};
  }

  Result<void> add_assistant(const Value& content, const std::string& where) {
    Message message{"assistant", ""};
    if (!content.json.is_array()) {
      message.content = TRY(read_text(content.json, where));
    } else {
      for (std::size_t i = 0; i < content.json.size(); ++i) {
        TRY(add_block({content.json[i], content.ordered[i]}, fmt::format("{}[{}]", where, i),
                      message));
      }
    }
    messages.push_back(std::move(message));
    return {};
  }

  Result<void> add_block(const Value& block, const std::string& where, Message& message) {
    std::string type = TRY(type_of(block.json, where));
    if (type == "tool_use") return add_call(block, where, message);
    if (!message.tool_calls.empty()) {
      return fail(ErrorCode::unsupported, where + " comes after a tool_use block",
                  "put tool_use blocks last: a model's calls follow its text");
    }
    if (type == "text") {
      add_line(message.content, TRY(read_text_block(block.json, where)));
      return {};
    }
    if (type != "thinking") return wrong_type(where, type, "only text, thinking and tool_use");
    std::string thinking;
    std::string signature;
    TRY(BodyReader(block.json, where)
            .required("type", type)
            .required("thinking", thinking)
            .optional("signature", signature)
            .finish());
    message.reasoning += thinking;
    return {};
  }

  Result<void> add_call(const Value& block, const std::string& where, Message& message) {
    ToolCall call;
    std::string type;
    BodyReader reader(block.json, where);
    reader.required("type", type).required("id", call.id).required("name", call.name);
    const Json* input = reader.take("input");
    TRY(reader.finish());
    if (input == nullptr || !input->is_object()) return must_be(where + ".input", "an object");
    call.arguments = block.ordered["input"].dump();
    names_[call.id] = call.name;
    message.tool_calls.push_back(std::move(call));
    return {};
  }

  std::map<std::string, std::string> names_;  ///< of the tools called, by the call's id
};

}  // namespace

Result<std::vector<Message>> read_conversation(const Json* system, const Value& messages,
                                               std::size_t most) {
  if (!messages.json.is_array() || messages.json.empty()) {
    return must_be("messages", "a non-empty array");
  }
  if (messages.json.size() > most) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("messages has {} messages; the limit is {}", messages.json.size(), most));
  }
  Conversation conversation;
  if (system != nullptr) {
    std::string text = TRY(read_text(*system, "system"));
    conversation.messages.push_back({"system", std::move(text)});
  }
  for (std::size_t i = 0; i < messages.json.size(); ++i) {
    TRY(conversation.add({messages.json[i], messages.ordered[i]}, fmt::format("messages[{}]", i)));
  }
  return std::move(conversation.messages);
}

Result<std::vector<Tool>> read_tools(const Value& tools) {
  if (!tools.json.is_array()) return must_be("tools", "an array");
  std::vector<Tool> out;
  for (std::size_t i = 0; i < tools.json.size(); ++i) {
    if (tools.json[i].is_null()) continue;
    const std::string where = fmt::format("tools[{}]", i);
    Tool tool;
    BodyReader reader(tools.json[i], where);
    reader.only("type", {"custom"})
        .required("name", tool.name)
        .optional("description", tool.description)
        .only("strict", {true, false});  // arguments always follow their schema
    const Json* schema = reader.take("input_schema");
    TRY(reader.finish());
    if (schema == nullptr) {
      return fail(ErrorCode::invalid_argument, where + ".input_schema is missing");
    }
    tool.parameters = tools.ordered[i]["input_schema"].dump();
    out.push_back(std::move(tool));
  }
  return out;
}

Result<void> read_tool_choice(const Json& json, Request& request) {
  ToolChoice choice;
  std::string type;
  bool one_call = false;
  BodyReader reader(json, "tool_choice");
  reader.required("type", type)
      .optional("name", choice.name)
      .optional("disable_parallel_tool_use", one_call);
  TRY(reader.finish());
  using Kind = ToolChoice::Kind;
  const std::map<std::string, Kind> kinds{{"auto", Kind::automatic},
                                          {"any", Kind::required},
                                          {"tool", Kind::named},
                                          {"none", Kind::none}};
  const auto kind = kinds.find(type);
  if (kind == kinds.end()) return must_be("tool_choice.type", "auto, any, tool or none");
  choice.kind = kind->second;
  if (choice.name.empty() != (choice.kind != Kind::named)) {
    return fail(ErrorCode::invalid_argument, "tool_choice.name belongs to the type \"tool\"");
  }
  request.tool_choice = std::move(choice);
  request.parallel_tool_calls = !one_call;
  return {};
}

}  // namespace tenfold::server::anthropic
