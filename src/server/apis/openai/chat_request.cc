#include "server/apis/openai/chat_request.h"

#include "server/apis/messages.h"

namespace tenfold::server::openai {
namespace {

void take_logprobs(BodyReader& reader, std::optional<int>& out) {
  bool wanted = false;
  std::optional<int> top;
  reader.optional("logprobs", wanted).optional("top_logprobs", top);
  if (wanted) out = top.value_or(0);
  if (top && !wanted) {
    reader.keep(fail(ErrorCode::invalid_argument, "top_logprobs needs logprobs: true"));
  }
}

void take_most_completion_tokens(BodyReader& reader, std::optional<int>& out) {
  std::optional<int> completion;
  take_most_tokens(reader, "max_completion_tokens", {-1}, completion);
  if (completion && out && *completion != *out) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     "max_tokens and max_completion_tokens are the same thing and differ"));
  }
  if (completion) out = completion;
}

/// OpenAI's effort, the variables that vLLM and llama-server hand to templates, and a budget.
void take_thought(BodyReader& reader, const OrderedBody& body, Thinking& thinking,
                  std::string& template_arguments) {
  const Json* arguments = reader.take("chat_template_kwargs");
  if (arguments != nullptr && arguments->is_object()) {
    template_arguments = body.text("/chat_template_kwargs");
    for (const char* name : {"enable_thinking", "thinking"}) {
      const auto value = arguments->find(name);
      if (value == arguments->end() || !value->is_boolean()) continue;
      thinking.mode = *value ? Thinking::Mode::on : Thinking::Mode::off;
    }
  } else if (arguments != nullptr) {
    reader.keep(fail(ErrorCode::invalid_argument, "chat_template_kwargs must be an object"));
  }
  take_thinking(reader, "reasoning_effort", thinking);
  take_thinking_budget(reader, "thinking_budget", thinking);
}

}  // namespace

Result<GenerationFields> read_chat(Json json, const std::string& body, const Limits& limits) {
  GenerationFields out;
  out.noted = take_noted(json, Api::chat);
  ChatPrompt prompt;
  const OrderedBody ordered(body);
  BodyReader reader(json, "");
  take_generation_fields(reader, out);
  take_logprobs(reader, out.request.logprobs);
  take_most_completion_tokens(reader, out.request.max_tokens);
  take_thought(reader, ordered, out.request.thinking, prompt.template_arguments);
  reader.optional("parallel_tool_calls", out.request.parallel_tool_calls)
      .only("modalities", {Json::array({"text"})})
      .only("functions", {})
      .only("function_call", {});
  const Json* messages = reader.take("messages");
  if (messages == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "messages is missing"));
  if (reader.ok()) {
    reader.keep(read_messages(*messages, "messages", limits.messages), prompt.messages);
  }
  if (const Json* tools = reader.take("tools")) {
    reader.keep(read_tools(*tools, ordered), prompt.tools);
  }
  if (const Json* choice = reader.take("tool_choice")) {
    reader.keep(read_tool_choice(*choice), out.request.tool_choice);
  }
  if (const Json* format = reader.take("response_format")) {
    add_constraint(reader, read_response_format(*format, ordered), out.request.constraint);
  }
  TRY(reader.finish());
  out.request.prompt = std::move(prompt);
  return out;
}

}  // namespace tenfold::server::openai
