// The contract's types as JSON. json_read.cc documents the fields of a request.
#include <cmath>

#include "base/files.h"
#include "engine/fields.h"
#include "engine/json_fields.h"

namespace tenfold {
namespace {

/// Text from model files and child processes may hold any bytes, which JSON cannot: a byte that is
/// not part of a UTF-8 character becomes U+FFFD.
std::string printable(const std::string& text) {
  if (is_valid_utf8(text)) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 1;
    while (length <= 4 && at + length <= text.size() &&
           !is_valid_utf8(std::string_view(text).substr(at, length))) {
      ++length;
    }
    if (length <= 4 && at + length <= text.size()) {
      out.append(text, at, length);
      at += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++at;
    }
  }
  return out;
}

/// JSON has no spelling for infinities.
Json number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json option_value(const OptionValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Json logprob_json(const TokenLogprob& entry) {
  Json bytes = Json::array();
  for (const char byte : entry.bytes) bytes.push_back(static_cast<std::uint8_t>(byte));
  Json json{{"id", entry.token}, {"bytes", std::move(bytes)}, {"logprob", number(entry.logprob)}};
  if (is_valid_utf8(entry.bytes)) json["token"] = entry.bytes;
  if (!entry.top.empty()) {
    json["top"] = Json::array();
    for (const TokenLogprob& other : entry.top) json["top"].push_back(logprob_json(other));
  }
  return json;
}

Json logprobs_json(const std::vector<TokenLogprob>& logprobs) {
  Json json = Json::array();
  for (const TokenLogprob& entry : logprobs) json.push_back(logprob_json(entry));
  return json;
}

Json tool_calls_json(const std::vector<ToolCall>& calls) {
  Json json = Json::array();
  for (const ToolCall& call : calls) {
    json.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  }
  return json;
}

Json message_json(const Message& message) {
  Json json{{"role", message.role}, {"content", message.content}};
  if (!message.reasoning.empty()) json["reasoning"] = message.reasoning;
  if (!message.tool_calls.empty()) json["tool_calls"] = tool_calls_json(message.tool_calls);
  if (!message.tool_call_id.empty()) json["tool_call_id"] = message.tool_call_id;
  if (!message.name.empty()) json["name"] = message.name;
  return json;
}

Json tool_json(const Tool& tool) {
  Json json{{"name", tool.name}};
  if (!tool.description.empty()) json["description"] = tool.description;
  if (!tool.parameters.empty()) json["parameters"] = tool.parameters;
  return json;
}

Json chat_json(const ChatPrompt& chat) {
  Json json{{"messages", Json::array()}};
  for (const Message& message : chat.messages) json["messages"].push_back(message_json(message));
  for (const Tool& tool : chat.tools) json["tools"].push_back(tool_json(tool));
  if (!chat.template_arguments.empty()) json["template_arguments"] = chat.template_arguments;
  return json;
}

std::string_view tool_choice_kind(ToolChoice::Kind kind) {
  switch (kind) {
    case ToolChoice::Kind::none:
      return "none";
    case ToolChoice::Kind::required:
      return "required";
    case ToolChoice::Kind::named:
      return "named";
    case ToolChoice::Kind::automatic:
      break;
  }
  return "auto";
}

}  // namespace

std::string_view constraint_kind(Constraint::Kind kind) {
  switch (kind) {
    case Constraint::Kind::json_schema:
      return "json_schema";
    case Constraint::Kind::regex:
      return "regex";
    case Constraint::Kind::lark:
      return "grammar";
    case Constraint::Kind::none:
      break;
  }
  return "none";
}

Json value_json(double value) { return number(value); }

Json value_json(std::chrono::milliseconds value) { return value.count(); }

Json value_json(const std::map<TokenId, double>& value) {
  Json json = Json::object();
  for (const auto& [token, bias] : value) json[std::to_string(token)] = number(bias);
  return json;
}

Json value_json(const Constraint& value) {
  return {{"kind", constraint_kind(value.kind)}, {"text", value.text}};
}

Json value_json(const Thinking& value) {
  std::string text = value.mode == Thinking::Mode::off ? "off" : "on";
  if (!value.effort.empty()) text += "," + value.effort;
  if (value.budget) text += "," + std::to_string(*value.budget);
  return text;
}

Json value_json(const ToolChoice& value) {
  Json json{{"kind", tool_choice_kind(value.kind)}};
  if (!value.name.empty()) json["name"] = value.name;
  return json;
}

std::string_view option_type(const OptionValue& value) {
  constexpr std::string_view names[] = {"bool", "integer", "number", "string"};
  return names[value.index()];
}

Json to_json(const Error& error) {
  Json json{{"code", to_string(error.code)},
            {"message", printable(error.message)},
            {"hint", printable(error.hint)}};
  if (error.retry_after.count() > 0) json["retry_after_seconds"] = error.retry_after.count();
  return json;
}

Json to_json(const OptionSpec& spec) {
  Json json{
      {"name", spec.name},
      {"type", option_type(spec.default_value)},
      {"default", spec.kind == OptionKind::secret ? Json("") : option_value(spec.default_value)},
      {"help", spec.help},
      {"kind", to_string(spec.kind)}};
  if (!spec.choices.empty()) json["choices"] = spec.choices;
  if (spec.minimum != spec.maximum) {
    json["minimum"] = number(spec.minimum);
    json["maximum"] = number(spec.maximum);
  }
  return json;
}

Json to_json(const Capabilities& capabilities) {
  Json options = Json::array();
  for (const OptionSpec& spec : capabilities.options) options.push_back(to_json(spec));
  Json json{
      {"engine", capabilities.engine},         {"version", capabilities.version},
      {"formats", capabilities.formats},       {"request_options", capabilities.request_options},
      {"adjustable", capabilities.adjustable}, {"max_sequences", capabilities.max_sequences},
      {"options", std::move(options)}};
  for (const auto& [name, flag] : engine_flags()) json[name] = capabilities.*flag;
  return json;
}

Json to_json(const ModelInfo& info) {
  return {{"path", printable(info.path)},
          {"format", printable(info.format)},
          {"architecture", printable(info.architecture)},
          {"description", printable(info.description)},
          {"parameters", info.parameters},
          {"weight_bytes", info.weight_bytes},
          {"vocabulary_size", info.vocabulary_size},
          {"trained_context_size", info.trained_context_size},
          {"context_size", info.context_size},
          {"threads", info.threads},
          {"chat_template", printable(info.chat_template)},
          {"load_seconds", info.load_seconds},
          {"sampling", to_json(info.sampling)}};
}

Json to_json(const LoadOptions& options) {
  Json engine_options = Json::object();
  for (const auto& [name, value] : options.engine_options) {
    engine_options[name] = option_value(value);
  }
  return {{"context_size", options.context_size},
          {"threads", options.threads},
          {"memory_limit", options.memory_limit},
          {"sequences", options.sequences},
          {"engine_options", std::move(engine_options)}};
}

Json to_json(const Adjustment& adjustment) {
  Json json = Json::object();
  if (adjustment.threads) json["threads"] = *adjustment.threads;
  return json;
}

Json to_json(const Prompt& prompt) {
  if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) return chat_json(*chat);
  if (const auto* text = std::get_if<std::string>(&prompt)) return {{"prompt", *text}};
  return {{"tokens", std::get<std::vector<TokenId>>(prompt)}};
}

Json to_json(const Request& request) {
  Json json = to_json(request.prompt);
  for (const RequestField& field : request_fields()) {
    if (is_given(field, request)) json[std::string(field.name)] = field_to_json(field, request);
  }
  return json;
}

Json to_json(const Delta& delta) {
  Json json = Json::object();
  if (!delta.text.empty()) json["text"] = printable(delta.text);
  if (!delta.reasoning.empty()) json["reasoning"] = printable(delta.reasoning);
  if (!delta.tokens.empty()) json["tokens"] = delta.tokens;
  if (!delta.logprobs.empty()) json["logprobs"] = logprobs_json(delta.logprobs);
  if (!delta.tool_calls.empty()) json["tool_calls"] = tool_calls_json(delta.tool_calls);
  return json;
}

Json to_json(const PromptProgress& progress) {
  return {{"read", progress.read}, {"total", progress.total}, {"cached", progress.cached}};
}

Json to_json(const Usage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"cached_tokens", usage.cached_tokens},
          {"generated_tokens", usage.generated_tokens},
          {"dropped_tokens", usage.dropped_tokens},
          {"ttft_seconds", usage.ttft_seconds},
          {"prefill_seconds", usage.prefill_seconds},
          {"decode_seconds", usage.decode_seconds},
          {"prefill_tokens_per_second", usage.prefill_tokens_per_second()},
          {"decode_tokens_per_second", usage.decode_tokens_per_second()},
          {"peak_memory_bytes", usage.peak_memory_bytes},
          {"answered_tokens", usage.answered_tokens},
          {"thought_tokens", usage.thought_tokens}};
}

Json to_json(const Answer& answer) {
  Json json{{"text", printable(answer.text)},
            {"reasoning", printable(answer.reasoning)},
            {"tokens", answer.tokens},
            {"finish", to_string(answer.finish)},
            {"seed", answer.seed},
            {"usage", to_json(answer.usage)}};
  if (!answer.logprobs.empty()) json["logprobs"] = logprobs_json(answer.logprobs);
  if (!answer.tool_calls.empty()) json["tool_calls"] = tool_calls_json(answer.tool_calls);
  if (answer.finish == FinishReason::stop_string) json["stop_string"] = answer.stop_string;
  return json;
}

}  // namespace tenfold
