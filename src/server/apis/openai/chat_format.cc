#include "server/apis/openai/chat_format.h"

#include <utility>

#include "server/apis/messages.h"
#include "server/apis/wording.h"
#include "server/http/error_reply.h"

namespace tenfold::server::openai {

ChatFormat::ChatFormat(const GenerationFields& fields)
    : id_(new_id("chatcmpl-")),
      model_(fields.use.model),
      created_(unix_time()),
      choices_(static_cast<std::size_t>(fields.choices)),
      stream_usage_(fields.stream_usage),
      with_logprobs_(fields.request.logprobs.has_value()),
      calls_(choices_) {
  if (fields.return_progress) timer_.emplace();
}

Json ChatFormat::frame(std::string_view object) const {
  return {{"id", id_}, {"object", object}, {"created", created_}, {"model", model_}};
}

std::string ChatFormat::chunk(std::size_t choice, Json delta, Json finish_reason,
                              Json logprobs) const {
  Json json = frame("chat.completion.chunk");
  Json entry{{"index", choice},
             {"delta", std::move(delta)},
             {"finish_reason", std::move(finish_reason)},
             {"logprobs", std::move(logprobs)}};
  json["choices"] = Json::array({std::move(entry)});
  return sse("", json);
}

std::string ChatFormat::begin() {
  std::string out;
  for (std::size_t choice = 0; choice < choices_; ++choice) {
    out += chunk(choice, {{"role", "assistant"}, {"content", ""}}, nullptr);
  }
  return out;
}

std::string ChatFormat::progress(std::size_t choice, const PromptProgress& progress) {
  if (!timer_) return {};
  Json json = frame("chat.completion.chunk");
  json["choices"] = Json::array();
  json["prompt_progress"] = timer_->describe(choice, progress);
  return sse("", json);
}

std::string ChatFormat::delta(std::size_t choice, const Delta& delta) {
  Json json = Json::object();
  if (!delta.text.empty()) json["content"] = delta.text;
  if (!delta.reasoning.empty()) json["reasoning_content"] = delta.reasoning;
  for (const ToolCall& call : delta.tool_calls) {
    Json entry = tool_call_json(call);
    entry["index"] = calls_[choice]++;
    json["tool_calls"].push_back(std::move(entry));
  }
  if (json.empty() && !with_logprobs_) return {};
  Json logprobs;
  if (with_logprobs_) logprobs = {{"content", logprobs_json(delta.logprobs)}};
  return chunk(choice, std::move(json), nullptr, std::move(logprobs));
}

std::string ChatFormat::notice(const Notice& notice) {
  Json json = frame("chat.completion.chunk");
  json["choices"] = Json::array();
  json["tenfold"] = {{"notice", notice.text}};
  return sse("", json);
}

std::string ChatFormat::end(std::size_t choice, const Answer& answer) {
  add_choice(usage_, answer.usage);
  Json json = frame("chat.completion.chunk");
  json["choices"] = Json::array({{{"index", choice},
                                  {"delta", Json::object()},
                                  {"finish_reason", finish_reason(answer.finish)},
                                  {"logprobs", nullptr}}});
  json["tenfold"] = details_json(loaded_, answer);
  return sse("", json);
}

std::string ChatFormat::failure(const Error& error) {
  return sse("", error_json(Dialect::openai, error));
}

std::string ChatFormat::finish() {
  std::string out;
  if (stream_usage_) {
    Json json = frame("chat.completion.chunk");
    json["choices"] = Json::array();
    json["usage"] = usage_json(usage_);
    out = sse("", json);
  }
  return out + "data: [DONE]\n\n";
}

Json ChatFormat::whole(std::span<const Answer> answers) {
  Json json = frame("chat.completion");
  for (const Answer& answer : answers) add_choice(usage_, answer.usage);
  json["usage"] = usage_json(usage_);
  json["tenfold"] = details_json(loaded_, answers.front());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    Json message{{"role", "assistant"}, {"content", answer.text}, {"refusal", nullptr}};
    if (!answer.reasoning.empty()) message["reasoning_content"] = answer.reasoning;
    for (const ToolCall& call : answer.tool_calls) {
      message["tool_calls"].push_back(tool_call_json(call));
    }
    if (answer.text.empty() && !answer.tool_calls.empty()) message["content"] = nullptr;
    Json logprobs;
    if (with_logprobs_) logprobs = {{"content", logprobs_json(answer.logprobs)}};
    json["choices"].push_back({{"index", i},
                               {"message", std::move(message)},
                               {"finish_reason", finish_reason(answer.finish)},
                               {"logprobs", std::move(logprobs)}});
  }
  return json;
}

}  // namespace tenfold::server::openai
