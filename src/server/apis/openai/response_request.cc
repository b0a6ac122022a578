#include "server/apis/openai/response_request.h"

#include <algorithm>

#include "server/apis/messages.h"
#include "server/apis/openai/response_input.h"

namespace tenfold::server::openai {
namespace {

constexpr auto logprobs_wanted = "message.output_text.logprobs";

void take_storage(BodyReader& reader) {
  bool store = false;
  reader.optional("store", store);
  if (store) {
    reader.keep(fail(ErrorCode::unsupported, "store: true is not supported: nothing is stored",
                     "leave it out, and send the conversation as input"));
  }
  const Json* previous = reader.take("previous_response_id");
  if (previous != nullptr) {
    reader.keep(fail(ErrorCode::unsupported,
                     "previous_response_id is not supported: nothing is stored",
                     "send the conversation as input"));
  }
  reader.only("conversation", {}).only("background", {false}).only("prompt", {});
}

void take_reasoning(BodyReader& reader, Thinking& out) {
  const Json* reasoning = reader.take("reasoning");
  if (reasoning == nullptr) return;
  BodyReader parts(*reasoning, "reasoning");
  take_thinking(parts, "effort", out);
  reader.keep(parts.finish());
}

void take_top_logprobs(BodyReader& reader, std::optional<int>& out) {
  std::optional<int> top;
  reader.optional("top_logprobs", top);
  const Json* include = reader.take("include");
  if (include != nullptr && !include->is_array()) {
    reader.keep(fail(ErrorCode::invalid_argument, "include must be an array"));
  }
  // What else there may be is noted.
  const bool wanted =
      include != nullptr && std::ranges::find(*include, logprobs_wanted) != include->end();
  if (wanted || top.value_or(0) != 0) out = top.value_or(0);
}

void take_text(BodyReader& reader, const OrderedBody& body, Constraint& out) {
  const Json* text = reader.take("text");
  if (text == nullptr) return;
  BodyReader parts(*text, "text");
  if (const Json* format = parts.take("format")) {
    add_constraint(parts, read_text_format(*format, body), out);
  }
  reader.keep(parts.finish());
}

void take_metadata(BodyReader& reader) {
  const Json* metadata = reader.take("metadata");
  if (metadata == nullptr) return;
  BodyReader parts(*metadata, "metadata");
  std::string value;
  if (metadata->is_object()) {
    for (const auto& [name, ignored] : metadata->items()) parts.required(name, value);
  }
  reader.keep(parts.finish());
}

void take_stream(BodyReader& reader, bool& stream) {
  reader.optional("stream", stream);
  const Json* options = reader.take("stream_options");
  if (options == nullptr) return;
  reader.keep(BodyReader(*options, "stream_options").finish());
}

void take_tools(BodyReader& reader, const OrderedBody& body, ChatPrompt& prompt, Request& out) {
  reader.optional("parallel_tool_calls", out.parallel_tool_calls);
  if (const Json* tools = reader.take("tools")) {
    reader.keep(read_flat_tools(*tools, body), prompt.tools);
  }
  if (const Json* choice = reader.take("tool_choice")) {
    reader.keep(read_flat_tool_choice(*choice), out.tool_choice);
  }
}

/// As the official API does: with the value in force where none was sent. The sampling's are known
/// to ResponseFormat.
Json echo_of(const Json& body) {
  Json echo{{"instructions", nullptr},
            {"max_output_tokens", nullptr},
            {"metadata", Json::object()},
            {"parallel_tool_calls", true},
            {"reasoning", {{"effort", nullptr}, {"summary", nullptr}}},
            {"text", {{"format", {{"type", "text"}}}}},
            {"tool_choice", "auto"},
            {"tools", Json::array()},
            {"top_logprobs", 0},
            {"user", nullptr}};
  for (auto& [name, value] : echo.items()) {
    const auto sent = body.find(name);
    if (sent != body.end() && !sent->is_null()) value = *sent;
  }
  return echo;
}

}  // namespace

Result<ResponseFields> read_response(Json json, const std::string& body, const Limits& limits) {
  ResponseFields out;
  out.echo = echo_of(json);
  out.noted = take_noted(json, Api::responses);
  Request& request = out.request;
  ChatPrompt prompt;
  std::string instructions;
  const OrderedBody ordered(body);
  BodyReader reader(json, "");
  take_common_fields(reader, request, out.use);
  take_storage(reader);
  take_reasoning(reader, request.thinking);
  take_top_logprobs(reader, request.logprobs);
  take_text(reader, ordered, request.constraint);
  take_metadata(reader);
  take_stream(reader, out.stream);
  take_tools(reader, ordered, prompt, request);
  take_most_tokens(reader, "max_output_tokens", {-1}, request.max_tokens);
  reader.optional("instructions", instructions).only("truncation", {"disabled"});
  const Json* input = reader.take("input");
  if (input == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "input is missing"));
  if (reader.ok()) reader.keep(read_input(*input, limits.messages), prompt.messages);
  TRY(reader.finish());
  if (!instructions.empty()) {
    prompt.messages.insert(prompt.messages.begin(), Message{"system", instructions});
  }
  request.prompt = std::move(prompt);
  return out;
}

}  // namespace tenfold::server::openai
