#include "server/apis/messages.h"

#include <fmt/format.h>

#include "server/apis/fields.h"

namespace tenfold::server {
namespace {

Error must_be(const std::string& where, const std::string& what) {
  return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", where, what));
}

Result<std::string> read_part(const Json& json, const std::string& where) {
  std::string type;
  std::string text;
  BodyReader reader(json, where);
  reader.required("type", type);
  if (reader.ok() && type != "text") {
    return fail(ErrorCode::unsupported,
                fmt::format("{} has the type \"{}\"; only text is supported", where, type));
  }
  TRY(reader.required("text", text).finish());
  return text;
}

Result<ToolCall> read_tool_call(const Json& json, const std::string& where) {
  ToolCall call;
  BodyReader reader(json, where);
  reader.required("id", call.id).only("type", {"function"});
  const Json* function = reader.take("function");
  TRY(reader.finish());
  if (function == nullptr) return must_be(where + ".function", "an object");
  TRY(BodyReader(*function, where + ".function")
          .required("name", call.name)
          .required("arguments", call.arguments)
          .finish());
  call.arguments = call_arguments(std::move(call.arguments));
  return call;
}

Result<Message> read_message(const Json& json, const std::string& where) {
  Message message;
  BodyReader reader(json, where);
  reader.required("role", message.role)
      .optional("name", message.name)
      .optional("reasoning_content", message.reasoning)
      .optional("tool_call_id", message.tool_call_id)
      .only("refusal", {})
      .only("audio", {})
      .only("annotations", {Json::array()})
      .only("function_call", {});
  const Json* content = reader.take("content");
  const Json* calls = reader.take("tool_calls");
  TRY(reader.finish());
  // What OpenAI's own models are told by the developer is what others call the system message.
  if (message.role == "developer") message.role = "system";
  const bool known = message.role == "system" || message.role == "user" ||
                     message.role == "assistant" || message.role == "tool";
  if (!known) return must_be(where + ".role", "system, developer, user, assistant or tool");
  if (content != nullptr)
    message.content = TRY(join_parts(*content, where + ".content", read_part));
  if (calls != nullptr) {
    if (!calls->is_array()) return must_be(where + ".tool_calls", "an array");
    for (std::size_t i = 0; i < calls->size(); ++i) {
      message.tool_calls.push_back(
          TRY(read_tool_call((*calls)[i], fmt::format("{}.tool_calls[{}]", where, i))));
    }
  }
  if (content == nullptr && message.tool_calls.empty()) {
    return fail(ErrorCode::invalid_argument, where + ".content is missing");
  }
  return message;
}

}  // namespace

Result<std::vector<Message>> read_messages(const Json& json, const std::string& where,
                                           std::size_t most) {
  if (!json.is_array() || json.empty()) return must_be(where, "a non-empty array");
  if (json.size() > most) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} has {} messages; the limit is {}", where, json.size(), most));
  }
  std::vector<Message> messages;
  for (const Json& message : json) {
    messages.push_back(TRY(read_message(message, fmt::format("{}[{}]", where, messages.size()))));
  }
  return messages;
}

void take_function(BodyReader& reader, const OrderedBody& body, const std::string& pointer,
                   Tool& out) {
  reader.required("name", out.name).optional("description", out.description);
  reader.only("strict", {true, false});  // arguments always follow their schema
  const Json* parameters = reader.take("parameters");
  if (parameters == nullptr) return;
  if (!parameters->is_object()) {
    return reader.keep(must_be(reader.name("parameters"), "a JSON Schema, an object"));
  }
  out.parameters = body.text(pointer + "/parameters");
}

Result<std::vector<Tool>> read_tools(const Json& json, const OrderedBody& body) {
  if (!json.is_array()) return must_be("tools", "an array");
  std::vector<Tool> tools;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i].is_null()) continue;
    const std::string where = fmt::format("tools[{}]", i);
    BodyReader reader(json[i], where);
    reader.only("type", {"function"});
    const Json* function = reader.take("function");
    TRY(reader.finish());
    if (function == nullptr) return must_be(where + ".function", "an object");
    Tool tool;
    BodyReader function_reader(*function, where + ".function");
    take_function(function_reader, body, fmt::format("/tools/{}/function", i), tool);
    TRY(function_reader.finish());
    tools.push_back(std::move(tool));
  }
  return tools;
}

Result<ToolChoice> read_tool_choice(const Json& json) {
  ToolChoice choice;
  if (json == "auto") return choice;
  choice.kind = ToolChoice::Kind::none;
  if (json == "none") return choice;
  choice.kind = ToolChoice::Kind::required;
  if (json == "required") return choice;
  choice.kind = ToolChoice::Kind::named;
  BodyReader reader(json, "tool_choice");
  reader.only("type", {"function"});
  const Json* function = reader.take("function");
  if (!json.is_object() || function == nullptr) {
    return must_be(
        "tool_choice",
        R"("auto", "none", "required" or {"type": "function", "function": {"name": …}})");
  }
  TRY(reader.finish());
  TRY(BodyReader(*function, "tool_choice.function").required("name", choice.name).finish());
  return choice;
}

Constraint any_object() { return {Constraint::Kind::json_schema, R"({"type":"object"})"}; }

Result<Constraint> read_response_format(const Json& json, const OrderedBody& body) {
  std::string type;
  BodyReader reader(json, "response_format");
  reader.required("type", type);
  const Json* schema = reader.take("json_schema");
  const Json* object = reader.take("schema");  // as llama-server and LM Studio have it
  TRY(reader.finish());
  if (object != nullptr && (type != "json_object" || !object->is_object())) {
    return fail(ErrorCode::invalid_argument,
                "response_format.schema is a JSON Schema, an object, of the type json_object",
                "with the type json_schema it is response_format.json_schema.schema");
  }
  if (type == "text") return Constraint{};
  if (type == "json_object" && object != nullptr) {
    return Constraint{Constraint::Kind::json_schema, body.text("/response_format/schema")};
  }
  if (type == "json_object") return any_object();
  if (type != "json_schema") {
    return must_be("response_format.type", "text, json_object or json_schema");
  }
  if (schema == nullptr) return must_be("response_format.json_schema", "an object");
  std::string ignored;
  BodyReader schema_reader(*schema, "response_format.json_schema");
  schema_reader.optional("name", ignored).optional("description", ignored);
  schema_reader.only("strict", {true, false});  // it always is
  const Json* text = schema_reader.take("schema");
  TRY(schema_reader.finish());
  if (text == nullptr) return must_be("response_format.json_schema.schema", "an object");
  return Constraint{Constraint::Kind::json_schema,
                    body.text("/response_format/json_schema/schema")};
}

Json tool_call_json(const ToolCall& call) {
  return {{"id", call.id},
          {"type", "function"},
          {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

}  // namespace tenfold::server
