#include "server/apis/anthropic/message_request.h"

#include "server/apis/anthropic/conversation.h"

namespace tenfold::server::anthropic {
namespace {

constexpr ForeignField fields[] = {
    {"temperature", "temperature"},
    {"top_p", "top_p"},
    {"top_k", "top_k"},
    {"stop_sequences", "stop"},
};

void take_thought(BodyReader& reader, Thinking& out, bool& show) {
  const Json* thinking = reader.take("thinking");
  if (thinking == nullptr) return;
  std::string type;
  std::string display;
  BodyReader parts(*thinking, reader.name("thinking"));
  parts.required("type", type).optional("display", display);
  if (parts.ok() && type != "adaptive" && type != "enabled" && type != "disabled") {
    parts.keep(
        fail(ErrorCode::invalid_argument, "thinking.type must be adaptive, enabled or disabled"));
  }
  if (!display.empty() && display != "summarized" && display != "omitted") {
    parts.keep(fail(ErrorCode::invalid_argument, "thinking.display must be summarized or omitted"));
  }
  show = type != "disabled" && display != "omitted";
  if (type == "enabled") out.mode = Thinking::Mode::on;
  if (type == "disabled") out.mode = Thinking::Mode::off;
  take_thinking_budget(parts, "budget_tokens", out);
  reader.keep(parts.finish());
}

void take_output_config(BodyReader& reader, const nlohmann::ordered_json& ordered, Constraint& out,
                        Thinking& thinking) {
  const Json* config = reader.take("output_config");
  if (config == nullptr) return;
  BodyReader parts(*config, "output_config");
  take_thinking(parts, "effort", thinking);
  if (const Json* format = parts.take("format")) {
    BodyReader format_reader(*format, "output_config.format");
    format_reader.only("type", {"json_schema"});
    const Json* schema = format_reader.take("schema");
    parts.keep(format_reader.finish());
    if (schema == nullptr || !schema->is_object()) {
      parts.keep(fail(ErrorCode::invalid_argument,
                      "output_config.format.schema must be a JSON Schema, an object"));
    } else {
      out = {Constraint::Kind::json_schema, ordered["output_config"]["format"]["schema"].dump()};
    }
  }
  reader.keep(parts.finish());
}

/// What both bodies have.
void take_prompt(BodyReader& reader, const nlohmann::ordered_json& ordered, const Limits& limits,
                 MessageFields& out) {
  reader.optional("model", out.use.model).only("speed", {"standard"});
  take_thought(reader, out.request.thinking, out.show_thinking);
  take_output_config(reader, ordered, out.request.constraint, out.request.thinking);
  ChatPrompt prompt;
  const Json* system = reader.take("system");
  const Json* messages = reader.take("messages");
  if (messages == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "messages is missing"));
  if (reader.ok()) {
    reader.keep(read_conversation(system, {*messages, ordered["messages"]}, limits.messages),
                prompt.messages);
  }
  if (const Json* tools = reader.take("tools")) {
    reader.keep(read_tools({*tools, ordered["tools"]}), prompt.tools);
  }
  if (const Json* choice = reader.take("tool_choice")) {
    reader.keep(read_tool_choice(*choice, out.request));
  }
  out.request.prompt = std::move(prompt);
}

}  // namespace

Result<MessageFields> read_message_request(Json json, const std::string& body,
                                           const Limits& limits) {
  const auto ordered = nlohmann::ordered_json::parse(body, nullptr, false);
  MessageFields out;
  out.noted = take_noted(json, Api::messages);
  BodyReader reader(json, "");
  take_prompt(reader, ordered, limits, out);
  take_fields(reader, fields, out.request);
  int most_tokens = 0;
  reader.required("max_tokens", most_tokens).optional("stream", out.stream);
  out.request.max_tokens = most_tokens;
  TRY(reader.finish());
  return out;
}

Result<MessageFields> read_count_request(Json json, const std::string& body, const Limits& limits) {
  const auto ordered = nlohmann::ordered_json::parse(body, nullptr, false);
  MessageFields out;
  out.noted = take_noted(json, Api::messages);
  BodyReader reader(json, "");
  take_prompt(reader, ordered, limits, out);
  TRY(reader.finish());
  return out;
}

}  // namespace tenfold::server::anthropic
