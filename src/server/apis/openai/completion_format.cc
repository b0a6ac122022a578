#include "server/apis/openai/completion_format.h"

#include <utility>

#include "server/apis/wording.h"
#include "server/http/error_reply.h"

namespace tenfold::server::openai {

CompletionFormat::CompletionFormat(const CompletionFields& fields)
    : id_(new_id("cmpl-")),
      model_(fields.generation.use.model),
      created_(unix_time()),
      choices_(static_cast<std::size_t>(fields.generation.choices)),
      stream_usage_(fields.generation.stream_usage),
      with_logprobs_(fields.generation.request.logprobs.has_value()),
      offsets_(fields.prompts.size() * choices_) {
  if (fields.generation.return_progress) timer_.emplace();
}

Json CompletionFormat::frame() const {
  return {{"id", id_}, {"object", "text_completion"}, {"created", created_}, {"model", model_}};
}

Json CompletionFormat::choice_json(std::size_t choice, const std::string& text,
                                   const std::vector<TokenLogprob>& logprobs, Json finish_reason) {
  Json json{{"text", text},
            {"index", choice},
            {"finish_reason", std::move(finish_reason)},
            {"logprobs", nullptr}};
  if (with_logprobs_) json["logprobs"] = legacy_logprobs_json(logprobs, offsets_[choice]);
  return json;
}

/// A prompt's tokens count once, however many choices it has.
void CompletionFormat::count(std::size_t choice, const Usage& usage) {
  const bool is_first = choice % choices_ == 0;
  usage_.prompt_tokens += is_first ? usage.prompt_tokens : 0;
  usage_.cached_tokens += is_first ? usage.cached_tokens : 0;
  usage_.generated_tokens += usage.generated_tokens;
  usage_.dropped_tokens += usage.dropped_tokens;
}

std::string CompletionFormat::progress(std::size_t choice, const PromptProgress& progress) {
  if (!timer_) return {};
  Json json = frame();
  json["choices"] = Json::array();
  json["prompt_progress"] = timer_->describe(choice, progress);
  return sse("", json);
}

std::string CompletionFormat::delta(std::size_t choice, const Delta& delta) {
  if (delta.text.empty() && delta.logprobs.empty()) return {};
  Json json = frame();
  json["choices"].push_back(choice_json(choice, delta.text, delta.logprobs, nullptr));
  return sse("", json);
}

std::string CompletionFormat::notice(const Notice& notice) {
  Json json = frame();
  json["choices"] = Json::array();
  json["tenfold"] = {{"notice", notice.text}};
  return sse("", json);
}

std::string CompletionFormat::end(std::size_t choice, const Answer& answer) {
  count(choice, answer.usage);
  Json json = frame();
  json["choices"].push_back(choice_json(choice, "", {}, finish_reason(answer.finish)));
  json["tenfold"] = details_json(loaded_, answer);
  return sse("", json);
}

std::string CompletionFormat::failure(const Error& error) {
  return sse("", error_json(Dialect::openai, error));
}

std::string CompletionFormat::finish() {
  std::string out;
  if (stream_usage_) {
    Json json = frame();
    json["choices"] = Json::array();
    json["usage"] = usage_json(usage_);
    out = sse("", json);
  }
  return out + "data: [DONE]\n\n";
}

Json CompletionFormat::whole(std::span<const Answer> answers) {
  Json json = frame();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    count(i, answer.usage);
    json["choices"].push_back(
        choice_json(i, answer.text, answer.logprobs, finish_reason(answer.finish)));
  }
  json["usage"] = usage_json(usage_);
  json["tenfold"] = details_json(loaded_, answers.front());
  return json;
}

}  // namespace tenfold::server::openai
