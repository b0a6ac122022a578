#include "server/apis/ollama/line_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "server/apis/ollama/ollama_messages.h"
#include "server/apis/wording.h"
#include "server/http/error_reply.h"

namespace tenfold::server::ollama {
namespace {

std::string line(const Json& json) { return dump(json) + "\n"; }

/// Ollama's API has two words for all the ends there are; details_json() has the exact one.
std::string_view done_reason(FinishReason reason) {
  const bool cut = reason == FinishReason::length || reason == FinishReason::context_full ||
                   reason == FinishReason::deadline || reason == FinishReason::repetition;
  return cut ? "length" : "stop";
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole),
                     std::chrono::duration_cast<milliseconds>(time - whole).count());
}

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

LineFormat::LineFormat(Kind kind, const AnswerFields& fields)
    : kind_(kind),
      model_(fields.use.model),
      with_logprobs_(fields.request.logprobs.has_value()),
      show_thinking_(fields.show_thinking) {}

Json LineFormat::frame(const std::string& text, const std::string& reasoning,
                       const std::vector<ToolCall>& calls) const {
  Json json{{"model", model_},
            {"created_at", timestamp(std::chrono::system_clock::now())},
            {"done", false}};
  if (kind_ == Kind::generate) {
    json["response"] = text;
    if (show_thinking_ && !reasoning.empty()) json["thinking"] = reasoning;
    return json;
  }
  Json message{{"role", "assistant"}, {"content", text}};
  if (show_thinking_ && !reasoning.empty()) message["thinking"] = reasoning;
  for (const ToolCall& call : calls) message["tool_calls"].push_back(tool_call_json(call));
  json["message"] = std::move(message);
  return json;
}

/// The time to load is all that was not spent in the engine: waiting for the model, too.
void LineFormat::add_end(Json& json, const Answer& answer) const {
  const Usage& usage = answer.usage;
  const std::chrono::duration<double> total = std::chrono::steady_clock::now() - started_;
  const double engine = usage.ttft_seconds + usage.decode_seconds;
  json["done"] = true;
  json["done_reason"] = done_reason(answer.finish);
  json["total_duration"] = nanoseconds(total.count());
  json["load_duration"] = nanoseconds(std::max(0.0, total.count() - engine));
  json["prompt_eval_count"] = usage.prompt_tokens;
  json["prompt_eval_duration"] = nanoseconds(usage.prefill_seconds);
  json["eval_count"] = usage.generated_tokens;
  json["eval_duration"] = nanoseconds(usage.decode_seconds);
  json["tenfold"] = server::details_json(loaded_, answer);
  json["tenfold"]["cached_tokens"] = usage.cached_tokens;
  json["tenfold"]["dropped_tokens"] = usage.dropped_tokens;
}

std::string LineFormat::delta(std::size_t /*choice*/, const Delta& delta) {
  const bool thinks = show_thinking_ && !delta.reasoning.empty();
  const bool says_something = !delta.text.empty() || thinks || !delta.tool_calls.empty();
  if (!says_something && !with_logprobs_) return {};
  Json json = frame(delta.text, delta.reasoning, delta.tool_calls);
  if (with_logprobs_) json["logprobs"] = logprobs_json(delta.logprobs);
  return line(json);
}

std::string LineFormat::notice(const Notice& notice) {
  Json json = frame("", "", {});
  json["tenfold"] = {{"notice", notice.text}};
  return line(json);
}

std::string LineFormat::end(std::size_t /*choice*/, const Answer& answer) {
  Json json = frame("", "", {});
  add_end(json, answer);
  return line(json);
}

std::string LineFormat::failure(const Error& error) {
  return line(error_json(Dialect::ollama, error));
}

std::string LineFormat::keep_alive() const { return line(frame("", "", {})); }

Json LineFormat::whole(std::span<const Answer> answers) {
  const Answer& answer = answers.front();
  Json json = frame(answer.text, answer.reasoning, answer.tool_calls);
  add_end(json, answer);
  if (with_logprobs_) json["logprobs"] = logprobs_json(answer.logprobs);
  return json;
}

Json LineFormat::empty(std::string_view reason) const {
  Json json = frame("", "", {});
  json["done"] = true;
  json["done_reason"] = reason;
  return json;
}

}  // namespace tenfold::server::ollama
