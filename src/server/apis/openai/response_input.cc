#include "server/apis/openai/response_input.h"

#include <fmt/format.h>

#include <map>

#include "server/apis/fields.h"
#include "server/apis/messages.h"

namespace tenfold::server::openai {
namespace {

Error must_be(const std::string& where, const std::string& what) {
  return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", where, what));
}

Result<std::string> read_part(const Json& json, const std::string& where) {
  std::string type;
  std::string text;
  BodyReader reader(json, where);
  reader.required("type", type);
  const bool is_text = type == "input_text" || type == "output_text" || type == "text" ||
                       type == "reasoning_text" || type == "summary_text";
  if (reader.ok() && !is_text) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} has the type \"{}\"; only text is supported", where, type));
  }
  TRY(reader.required("text", text).finish());
  return text;
}

class Input {
 public:
  Result<void> add(const Json& item, const std::string& where) {
    std::string type = "message";
    std::string ignored;  // what replies say of an item, and clients send back
    BodyReader reader(item, where);
    reader.optional("type", type).optional("id", ignored).optional("status", ignored);
    if (reader.ok() && type == "message") return add_message(reader);
    if (reader.ok() && type == "function_call") return add_call(reader);
    if (reader.ok() && type == "function_call_output") return add_output(reader);
    if (reader.ok() && type == "reasoning") return add_reasoning(reader);
    if (reader.ok()) {
      return fail(ErrorCode::unsupported, fmt::format("{} has the type \"{}\"", where, type),
                  "supported: message, function_call, function_call_output and reasoning");
    }
    return reader.finish();
  }

  std::vector<Message> messages;

 private:
  Result<void> add_message(BodyReader& reader) {
    std::string role;
    reader.required("role", role);
    const Json* content = reader.take("content");
    TRY(reader.finish());
    if (content == nullptr) return must_be(reader.name("content"), "a string or an array of parts");
    if (role == "developer") role = "system";
    if (role != "system" && role != "user" && role != "assistant") {
      return must_be(reader.name("role"), "system, developer, user or assistant");
    }
    const std::string text = TRY(join_parts(*content, reader.name("content"), read_part));
    // What it thought came as an item of its own.
    const bool goes_on = role == "assistant" && !messages.empty() && messages.back().role == role &&
                         messages.back().content.empty() && messages.back().tool_calls.empty();
    if (!goes_on) messages.push_back({role, ""});
    messages.back().content = text;
    return {};
  }

  Result<void> add_call(BodyReader& reader) {
    ToolCall call;
    TRY(reader.required("call_id", call.id)
            .required("name", call.name)
            .required("arguments", call.arguments)
            .finish());
    call.arguments = call_arguments(std::move(call.arguments));
    names_[call.id] = call.name;
    if (messages.empty() || messages.back().role != "assistant") {
      messages.push_back({"assistant", ""});
    }
    messages.back().tool_calls.push_back(std::move(call));
    return {};
  }

  Result<void> add_output(BodyReader& reader) {
    Message message{"tool", ""};
    reader.required("call_id", message.tool_call_id);
    const Json* output = reader.take("output");
    TRY(reader.finish());
    if (output == nullptr) return must_be(reader.name("output"), "a string or an array of parts");
    const auto called = names_.find(message.tool_call_id);
    if (called == names_.end()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is \"{}\", which no function_call before it has",
                              reader.name("call_id"), message.tool_call_id));
    }
    message.name = called->second;
    message.content = TRY(join_parts(*output, reader.name("output"), read_part));
    messages.push_back(std::move(message));
    return {};
  }

  Result<void> add_reasoning(BodyReader& reader) {
    const Json* content = reader.take("content");
    TRY(reader.finish());
    Message message{"assistant", ""};
    if (content != nullptr) {
      message.reasoning = TRY(join_parts(*content, reader.name("content"), read_part));
    }
    messages.push_back(std::move(message));
    return {};
  }

  std::map<std::string, std::string> names_;  ///< of the tools called, by the call's id
};

}  // namespace

Result<std::vector<Message>> read_input(const Json& json, std::size_t most) {
  Input input;
  if (json.is_string()) return std::vector<Message>{{"user", json.get<std::string>()}};
  if (!json.is_array() || json.empty()) return must_be("input", "a string or a non-empty array");
  if (json.size() > most) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("input has {} items; the limit is {}", json.size(), most));
  }
  for (std::size_t i = 0; i < json.size(); ++i) {
    TRY(input.add(json[i], fmt::format("input[{}]", i)));
  }
  return std::move(input.messages);
}

Result<std::vector<Tool>> read_flat_tools(const Json& json, const OrderedBody& body) {
  if (!json.is_array()) return must_be("tools", "an array");
  std::vector<Tool> tools;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i].is_null()) continue;
    Tool tool;
    BodyReader reader(json[i], fmt::format("tools[{}]", i));
    reader.only("type", {"function"});
    take_function(reader, body, fmt::format("/tools/{}", i), tool);
    TRY(reader.finish());
    tools.push_back(std::move(tool));
  }
  return tools;
}

Result<ToolChoice> read_flat_tool_choice(const Json& json) {
  if (!json.is_object()) return read_tool_choice(json);
  ToolChoice choice{ToolChoice::Kind::named};
  TRY(BodyReader(json, "tool_choice")
          .only("type", {"function"})
          .required("name", choice.name)
          .finish());
  return choice;
}

Result<Constraint> read_text_format(const Json& json, const OrderedBody& body) {
  std::string type;
  std::string ignored;
  BodyReader reader(json, "text.format");
  reader.required("type", type).optional("name", ignored).optional("description", ignored);
  reader.only("strict", {true, false});  // it always is
  const Json* schema = reader.take("schema");
  TRY(reader.finish());
  if (type == "text") return Constraint{};
  if (type == "json_object") return any_object();
  if (type != "json_schema") return must_be("text.format.type", "text, json_object or json_schema");
  if (schema == nullptr) return must_be("text.format.schema", "an object");
  return Constraint{Constraint::Kind::json_schema, body.text("/text/format/schema")};
}

}  // namespace tenfold::server::openai
