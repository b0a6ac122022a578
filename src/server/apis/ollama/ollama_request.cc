#include "server/apis/ollama/ollama_request.h"

#include "server/apis/messages.h"
#include "server/apis/ollama/ollama_messages.h"
#include "server/apis/ollama/options.h"

namespace tenfold::server::ollama {
namespace {

/// What chat and generate share.
void take_answer_fields(BodyReader& reader, const std::string& body, AnswerFields& out) {
  bool logprobs = false;
  std::optional<int> top;
  take_model(reader, out.use.model);
  reader.optional("stream", out.stream)
      .optional("logprobs", logprobs)
      .optional("top_logprobs", top);
  take_thinking(reader, "think", out.request.thinking);
  out.show_thinking = out.request.thinking.mode != Thinking::Mode::off;
  if (logprobs) out.request.logprobs = top.value_or(0);
  if (top && !logprobs) {
    reader.keep(fail(ErrorCode::invalid_argument, "top_logprobs needs logprobs: true"));
  }
  take_options(reader, out.request, out.use);
  take_keep_alive(reader, out.use);
  take_format(reader, OrderedBody(body), out.request.constraint);
}

/// For bodies that name a model and little else; it must be named.
Result<std::string> read_name(BodyReader& reader) {
  std::string model;
  take_model(reader, model);
  if (model.empty()) reader.keep(fail(ErrorCode::invalid_argument, "model is missing"));
  TRY(reader.finish());
  return model;
}

}  // namespace

Result<AnswerFields> read_chat(Json json, const std::string& body, const Limits& limits) {
  AnswerFields out;
  out.noted = take_noted(json, Api::ollama_answer);
  BodyReader reader(json, "");
  take_answer_fields(reader, body, out);
  const Json* messages = reader.take("messages");
  const Json* tools = reader.take("tools");
  TRY(reader.finish());
  ChatPrompt prompt;
  if (messages != nullptr) {
    prompt.messages = TRY(read_messages(*messages, body, limits.messages));
  }
  if (tools != nullptr) prompt.tools = TRY(read_tools(*tools, OrderedBody(body)));
  out.load_only = prompt.messages.empty();
  out.request.prompt = std::move(prompt);
  return out;
}

Result<AnswerFields> read_generate(Json json, const std::string& body) {
  AnswerFields out;
  out.noted = take_noted(json, Api::ollama_answer);
  std::string prompt;
  std::string system;
  bool raw = false;
  BodyReader reader(json, "");
  take_answer_fields(reader, body, out);
  reader.optional("prompt", prompt)
      .optional("system", system)
      .optional("raw", raw)
      .only("suffix", {""})
      .only("template", {""})
      .only("images", {Json::array()})
      .only("context", {Json::array()});
  if (raw && !system.empty()) {
    reader.keep(fail(ErrorCode::invalid_argument, "system has no place in a raw prompt",
                     "write it into prompt, or leave out raw"));
  }
  TRY(reader.finish());
  out.load_only = prompt.empty();
  if (raw) {
    out.request.prompt = std::move(prompt);
    return out;
  }
  ChatPrompt chat;
  if (!system.empty()) chat.messages.push_back({"system", std::move(system)});
  chat.messages.push_back({"user", std::move(prompt)});
  out.request.prompt = std::move(chat);
  return out;
}

Result<EmbedFields> read_embed(Json json) {
  EmbedFields out;
  out.noted = take_noted(json, Api::ollama_embed);
  BodyReader reader(json, "");
  take_model(reader, out.use.model);
  take_load_options(reader, out.use);
  take_keep_alive(reader, out.use);
  reader.only("dimensions", {});
  const Json* input = reader.take("input");
  if (input == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "input is missing"));
  if (input != nullptr) {
    const Json list = input->is_string() ? Json::array({*input}) : *input;
    reader.keep(read_value(list, "input", out.texts));
  }
  TRY(reader.finish());
  return out;
}

Result<EmbedFields> read_embeddings(Json json) {
  EmbedFields out;
  out.noted = take_noted(json, Api::ollama_embed);
  out.texts.resize(1);
  BodyReader reader(json, "");
  take_model(reader, out.use.model);
  take_load_options(reader, out.use);
  take_keep_alive(reader, out.use);
  TRY(reader.required("prompt", out.texts[0]).finish());
  return out;
}

Result<std::string> read_show(const Json& json) {
  BodyReader reader(json, "");
  reader.only("verbose", {false});
  return read_name(reader);
}

Result<PullFields> read_pull(const Json& json) {
  PullFields out;
  BodyReader reader(json, "");
  reader.optional("stream", out.stream).only("insecure", {false});
  out.model = TRY(read_name(reader));
  return out;
}

Result<std::string> read_delete(const Json& json) {
  BodyReader reader(json, "");
  return read_name(reader);
}

}  // namespace tenfold::server::ollama
