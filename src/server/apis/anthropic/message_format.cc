#include "server/apis/anthropic/message_format.h"

#include <algorithm>

#include "server/apis/wording.h"
#include "server/http/error_reply.h"

namespace tenfold::server::anthropic {
namespace {

std::string event(const Json& data) { return sse(data["type"].get<std::string>(), data); }

std::string_view stop_reason(FinishReason reason) {
  switch (reason) {
    case FinishReason::tool_call:
      return "tool_use";
    case FinishReason::stop_string:
      return "stop_sequence";
    case FinishReason::length:
    case FinishReason::deadline:
    case FinishReason::repetition:
      return "max_tokens";
    case FinishReason::context_full:
      return "model_context_window_exceeded";
    case FinishReason::stop:
    case FinishReason::cancelled:
    case FinishReason::engine_died:
      break;
  }
  return "end_turn";
}

/// Here the tokens of the prompt are those that were not cached. After a failover the answer's own
/// first tokens may have come from the cache, too.
Json usage_json(const Usage& usage) {
  const int cached = std::min(usage.cached_tokens, usage.prompt_tokens);
  return {{"input_tokens", usage.prompt_tokens - cached},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", cached},
          {"output_tokens", usage.generated_tokens},
          {"dropped_tokens", usage.dropped_tokens}};
}

Json stop_json(const Answer& answer) {
  Json json{{"stop_reason", stop_reason(answer.finish)}, {"stop_sequence", nullptr}};
  if (answer.finish == FinishReason::stop_string) json["stop_sequence"] = answer.stop_string;
  return json;
}

/// We sign nothing: any thinking may come back in a conversation.
Json thinking_block(const std::string& text) {
  return {{"type", "thinking"}, {"thinking", text}, {"signature", ""}};
}

Json text_block(const std::string& text) { return {{"type", "text"}, {"text", text}}; }

Json call_block(const ToolCall& call, Json input) {
  return {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", std::move(input)}};
}

}  // namespace

MessageFormat::MessageFormat(const MessageFields& fields)
    : id_(new_id("msg_")), model_(fields.use.model), show_thinking_(fields.show_thinking) {}

Json MessageFormat::frame() const {
  return {{"id", id_},
          {"type", "message"},
          {"role", "assistant"},
          {"model", model_},
          {"content", Json::array()},
          {"stop_reason", nullptr},
          {"stop_sequence", nullptr},
          {"usage", usage_json({})}};
}

std::string MessageFormat::begin() {
  Json message = frame();
  Usage usage;
  usage.prompt_tokens = prompt_.total;
  usage.cached_tokens = prompt_.cached;
  message["usage"] = usage_json(usage);
  return event({{"type", "message_start"}, {"message", std::move(message)}}) + keep_alive();
}

std::string MessageFormat::keep_alive() const { return event({{"type", "ping"}}); }

std::string MessageFormat::close() {
  if (open_ == Block::none) return {};
  open_ = Block::none;
  return event({{"type", "content_block_stop"}, {"index", index_++}});
}

std::string MessageFormat::add(Block kind, const std::string& text) {
  if (text.empty()) return {};
  const bool thinks = kind == Block::thinking;
  std::string out;
  if (open_ != kind) {
    out = close();
    out += event({{"type", "content_block_start"},
                  {"index", index_},
                  {"content_block", thinks ? thinking_block("") : text_block("")}});
    open_ = kind;
  }
  Json delta{{"type", thinks ? "thinking_delta" : "text_delta"}};
  delta[thinks ? "thinking" : "text"] = text;
  return out + event({{"type", "content_block_delta"}, {"index", index_}, {"delta", delta}});
}

std::string MessageFormat::add_call(const ToolCall& call) {
  std::string out = close();
  out += event({{"type", "content_block_start"},
                {"index", index_},
                {"content_block", call_block(call, Json::object())}});
  out += event({{"type", "content_block_delta"},
                {"index", index_},
                {"delta", {{"type", "input_json_delta"}, {"partial_json", call.arguments}}}});
  return out + event({{"type", "content_block_stop"}, {"index", index_++}});
}

std::string MessageFormat::delta(std::size_t /*choice*/, const Delta& delta) {
  std::string out;
  if (show_thinking_) out = add(Block::thinking, delta.reasoning);
  out += add(Block::text, delta.text);
  for (const ToolCall& call : delta.tool_calls) out += add_call(call);
  return out;
}

/// The one event that clients expect at any place and look no further into.
std::string MessageFormat::notice(const Notice& notice) {
  return event({{"type", "ping"}, {"tenfold", {{"notice", notice.text}}}});
}

std::string MessageFormat::end(std::size_t /*choice*/, const Answer& answer) {
  return close() + event({{"type", "message_delta"},
                          {"delta", stop_json(answer)},
                          {"usage", usage_json(answer.usage)},
                          {"tenfold", details_json(loaded_, answer)}});
}

std::string MessageFormat::failure(const Error& error) {
  return event(error_json(Dialect::anthropic, error));
}

std::string MessageFormat::finish() { return event({{"type", "message_stop"}}); }

Json MessageFormat::whole(std::span<const Answer> answers) {
  const Answer& answer = answers.front();
  Json json = frame();
  json.update(stop_json(answer));
  json["usage"] = usage_json(answer.usage);
  json["tenfold"] = details_json(loaded_, answer);
  Json& content = json["content"];
  if (show_thinking_ && !answer.reasoning.empty()) {
    content.push_back(thinking_block(answer.reasoning));
  }
  if (!answer.text.empty()) content.push_back(text_block(answer.text));
  for (const ToolCall& call : answer.tool_calls) {
    content.push_back(call_block(call, Json::parse(call.arguments, nullptr, false)));
  }
  return json;
}

}  // namespace tenfold::server::anthropic
