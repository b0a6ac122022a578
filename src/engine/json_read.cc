// The contract's types from JSON. A request is one flat object:
//   messages [message] | prompt "text" | tokens [id]   (exactly one of the three)
//   message {role, content, reasoning, tool_calls [{id, name, arguments}], tool_call_id, name}
//   tools [{name, description, parameters}] · tool_choice {kind: auto | none | required | named,
//   name} · parallel_tool_calls · parameters and arguments are JSON text
//   and the fields of the table in engine/fields.cc: numbers (infinities are "inf" and "-inf"),
//   logit_bias {"id": number, or "-inf" to ban the token} · stop [text] · answered [id] ·
//   constraint {kind: json_schema | regex | grammar, text} · true or false
// Absent fields are not given; null is not a value.
#include <algorithm>
#include <charconv>
#include <iterator>

#include "engine/field_reader.h"
#include "engine/fields.h"

namespace tenfold {
namespace {

constexpr const char* prompt_fields[] = {"messages", "tools", "template_arguments", "prompt",
                                         "tokens"};

/// A rate is written for the reader's convenience and computed anew on the other side.
void ignore_number(FieldReader& reader, const std::string& field) {
  double unused = 0;
  reader.optional(field, unused);
}

}  // namespace

Result<void> read_value(const Json& json, const std::string& where, Message& out) {
  return FieldReader(json, where)
      .required("role", out.role)
      .required("content", out.content)
      .optional("reasoning", out.reasoning)
      .optional("tool_calls", out.tool_calls)
      .optional("tool_call_id", out.tool_call_id)
      .optional("name", out.name)
      .finish();
}

Result<void> read_value(const Json& json, const std::string& where, ToolCall& out) {
  return FieldReader(json, where)
      .required("id", out.id)
      .required("name", out.name)
      .required("arguments", out.arguments)
      .finish();
}

Result<void> read_value(const Json& json, const std::string& where, Tool& out) {
  return FieldReader(json, where)
      .required("name", out.name)
      .optional("description", out.description)
      .optional("parameters", out.parameters)
      .finish();
}

Result<void> read_value(const Json& json, const std::string& where, ToolChoice& out) {
  std::string kind;
  TRY(FieldReader(json, where).required("kind", kind).optional("name", out.name).finish());
  if (kind == "auto") {
    out.kind = ToolChoice::Kind::automatic;
  } else if (kind == "none") {
    out.kind = ToolChoice::Kind::none;
  } else if (kind == "required") {
    out.kind = ToolChoice::Kind::required;
  } else if (kind == "named") {
    out.kind = ToolChoice::Kind::named;
  } else {
    return fail(ErrorCode::invalid_argument,
                where + ".kind must be auto, none, required or named, not \"" + kind + "\"");
  }
  return {};
}

Result<Thinking> parse_thinking(std::string_view text, const std::string& where) {
  constexpr std::string_view efforts[] = {"minimal", "low", "medium", "high", "xhigh", "max"};
  constexpr int most_tokens = 1 << 24;
  Thinking out{.mode = Thinking::Mode::on};
  while (true) {
    const std::string_view word = text.substr(0, text.find(','));
    int tokens = 0;
    const char* end = word.data() + word.size();
    const auto number = std::from_chars(word.data(), end, tokens);
    if (word == "off" || word == "none" || word == "0") {
      out.mode = Thinking::Mode::off;
    } else if (std::ranges::find(efforts, word) != std::end(efforts)) {
      out.effort = word;
    } else if (number.ec == std::errc() && number.ptr == end && tokens > 0 &&
               tokens <= most_tokens) {
      out.budget = tokens;
    } else if (word != "on") {
      return fail(
          ErrorCode::invalid_argument, where + " cannot be \"" + std::string(word) + "\"",
          "allowed: on, off, minimal, low, medium, high, xhigh, max, or a number of tokens");
    }
    if (word.size() == text.size()) break;
    text.remove_prefix(word.size() + 1);
  }
  if (out.mode == Thinking::Mode::off) return Thinking{.mode = Thinking::Mode::off};
  return out;
}

Result<void> read_value(const Json& json, const std::string& where, Thinking& out) {
  std::string text;
  if (json.is_boolean()) {
    text = json.get<bool>() ? "on" : "off";
  } else if (json.is_number_integer()) {
    text = json.dump();
  } else {
    TRY(read_value(json, where, text));
  }
  out = TRY(parse_thinking(text, where));
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, TokenLogprob& out) {
  std::vector<std::int32_t> bytes;
  std::string token;
  TRY(FieldReader(json, where)
          .required("id", out.token)
          .required("bytes", bytes)
          .required("logprob", out.logprob)
          .optional("token", token)
          .optional("top", out.top)
          .finish());
  for (const std::int32_t byte : bytes) {
    if (byte < 0 || byte > 255) {
      return fail(ErrorCode::invalid_argument, where + ".bytes must be numbers from 0 to 255");
    }
    out.bytes.push_back(static_cast<char>(byte));
  }
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, Constraint& out) {
  std::string kind;
  TRY(FieldReader(json, where).required("kind", kind).required("text", out.text).finish());
  if (kind == "json_schema") {
    out.kind = Constraint::Kind::json_schema;
  } else if (kind == "regex") {
    out.kind = Constraint::Kind::regex;
  } else if (kind == "grammar") {
    out.kind = Constraint::Kind::lark;
  } else {
    return fail(ErrorCode::invalid_argument,
                where + ".kind must be json_schema, regex or grammar, not \"" + kind + "\"");
  }
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, Usage& out) {
  FieldReader reader(json, where);
  reader.required("prompt_tokens", out.prompt_tokens)
      .required("cached_tokens", out.cached_tokens)
      .required("generated_tokens", out.generated_tokens)
      .required("dropped_tokens", out.dropped_tokens)
      .required("ttft_seconds", out.ttft_seconds)
      .required("prefill_seconds", out.prefill_seconds)
      .required("decode_seconds", out.decode_seconds)
      .required("peak_memory_bytes", out.peak_memory_bytes)
      .required("answered_tokens", out.answered_tokens)
      .optional("thought_tokens", out.thought_tokens);  // of answers stored before there was one
  ignore_number(reader, "prefill_tokens_per_second");
  ignore_number(reader, "decode_tokens_per_second");
  return reader.finish();
}

Result<void> read_kind(std::string_view name, const std::string& where, OptionKind& out) {
  for (const auto kind : {OptionKind::value, OptionKind::path, OptionKind::folder,
                          OptionKind::secret, OptionKind::hosts, OptionKind::layers_on_hosts}) {
    if (to_string(kind) != name) continue;
    out = kind;
    return {};
  }
  return fail(ErrorCode::invalid_argument, where + " is not a known kind");
}

Result<void> read_value(const Json& json, const std::string& where, OptionSpec& out) {
  std::string type;
  std::string kind;
  TRY(FieldReader(json, where)
          .required("name", out.name)
          .required("type", type)
          .required("default", out.default_value)
          .required("help", out.help)
          .required("kind", kind)
          .optional("choices", out.choices)
          .optional("minimum", out.minimum)
          .optional("maximum", out.maximum)
          .finish());
  if (type != option_type(out.default_value)) {
    return fail(ErrorCode::invalid_argument, where + ".default is not of its type " + type);
  }
  return read_kind(kind, where + ".kind", out.kind);
}

Error error_from_json(const Json& json) {
  std::string code;
  Error error;
  std::int32_t retry_after = 0;
  const Result<void> read = FieldReader(json, "error")
                                .required("code", code)
                                .required("message", error.message)
                                .optional("hint", error.hint)
                                .optional("retry_after_seconds", retry_after)
                                .finish();
  if (!read.ok()) return read.error();
  error.retry_after = std::chrono::seconds(retry_after);
  error.code = error_code_from(code);
  return error;
}

Result<Capabilities> capabilities_from_json(const Json& json) {
  Capabilities out;
  FieldReader reader(json, "capabilities");
  reader.required("engine", out.engine)
      .required("version", out.version)
      .required("formats", out.formats)
      .required("request_options", out.request_options)
      .required("adjustable", out.adjustable)
      .required("max_sequences", out.max_sequences)
      .required("options", out.options);
  for (const auto& [name, flag] : engine_flags()) reader.required(name, out.*flag);
  TRY(reader.finish());
  return out;
}

Result<ModelInfo> model_info_from_json(const Json& json) {
  ModelInfo out;
  TRY(FieldReader(json, "model")
          .required("path", out.path)
          .required("format", out.format)
          .required("architecture", out.architecture)
          .required("description", out.description)
          .required("parameters", out.parameters)
          .required("weight_bytes", out.weight_bytes)
          .required("vocabulary_size", out.vocabulary_size)
          .required("trained_context_size", out.trained_context_size)
          .required("context_size", out.context_size)
          .required("threads", out.threads)
          .required("chat_template", out.chat_template)
          .required("load_seconds", out.load_seconds)
          .required("sampling", out.sampling)
          .finish());
  return out;
}

Result<LoadOptions> load_options_from_json(const Json& json) {
  LoadOptions out;
  TRY(FieldReader(json, "load options")
          .optional("context_size", out.context_size)
          .optional("threads", out.threads)
          .optional("memory_limit", out.memory_limit)
          .optional("sequences", out.sequences)
          .optional("engine_options", out.engine_options)
          .finish());
  return out;
}

Result<Adjustment> adjustment_from_json(const Json& json) {
  Adjustment out;
  TRY(FieldReader(json, "adjustment").optional("threads", out.threads).finish());
  return out;
}

Result<Prompt> prompt_from_json(const Json& json) {
  ChatPrompt chat;
  std::string text;
  std::vector<TokenId> tokens;
  TRY(FieldReader(json, "request")
          .optional("messages", chat.messages)
          .optional("tools", chat.tools)
          .optional("template_arguments", chat.template_arguments)
          .optional("prompt", text)
          .optional("tokens", tokens)
          .finish());
  if (json.size() - json.count("tools") - json.count("template_arguments") != 1) {
    return fail(ErrorCode::invalid_argument,
                "a request needs exactly one of messages, prompt and tokens");
  }
  if (json.contains("messages")) return Prompt(std::move(chat));
  for (const char* field : {"tools", "template_arguments"}) {
    if (!json.contains(field)) continue;
    return fail(ErrorCode::invalid_argument,
                std::string(field) + " can only be used in a conversation",
                "give messages instead of prompt or tokens");
  }
  if (json.contains("prompt")) return Prompt(std::move(text));
  return Prompt(std::move(tokens));
}

Result<Request> request_from_json(const Json& json) {
  Request out;
  Json prompt = Json::object();
  Json rest = json;
  for (const char* field : prompt_fields) {
    if (!json.is_object() || !json.contains(field)) continue;
    prompt[field] = std::move(rest[field]);
    rest.erase(field);
  }
  FieldReader reader(rest, "request");
  for (const RequestField& field : request_fields()) {
    std::visit(
        [&](const auto& member) {
          reader.optional(std::string(field.name), member_of(out, member));
        },
        field.member);
  }
  TRY(reader.finish());
  out.prompt = TRY(prompt_from_json(prompt));
  return out;
}

Result<Delta> delta_from_json(const Json& json) {
  Delta out;
  TRY(FieldReader(json, "delta")
          .optional("text", out.text)
          .optional("reasoning", out.reasoning)
          .optional("tokens", out.tokens)
          .optional("logprobs", out.logprobs)
          .optional("tool_calls", out.tool_calls)
          .finish());
  return out;
}

Result<PromptProgress> prompt_progress_from_json(const Json& json) {
  PromptProgress out;
  TRY(FieldReader(json, "progress")
          .required("read", out.read)
          .required("total", out.total)
          .required("cached", out.cached)
          .finish());
  return out;
}

Result<Answer> answer_from_json(const Json& json) {
  Answer out;
  TRY(FieldReader(json, "answer")
          .required("text", out.text)
          .required("reasoning", out.reasoning)
          .required("tokens", out.tokens)
          .optional("logprobs", out.logprobs)
          .optional("tool_calls", out.tool_calls)
          .required("finish", out.finish)
          .optional("stop_string", out.stop_string)
          .required("seed", out.seed)
          .required("usage", out.usage)
          .finish());
  return out;
}

}  // namespace tenfold
