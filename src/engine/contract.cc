// The few definitions the contract's headers declare.
#include "engine/json.h"
#include "tenfold/request.h"
#include "tenfold/token_model.h"

namespace tenfold {

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::stop_string:
      return "stop_string";
    case FinishReason::cancelled:
      return "cancelled";
    case FinishReason::deadline:
      return "deadline";
    case FinishReason::tool_call:
      return "tool_call";
    case FinishReason::context_full:
      return "context_full";
    case FinishReason::engine_died:
      return "engine_died";
    case FinishReason::repetition:
      return "repetition";
  }
  return "stop";
}

double Usage::prefill_tokens_per_second() const {
  const int evaluated = prompt_tokens + answered_tokens - cached_tokens;
  return prefill_seconds > 0 ? evaluated / prefill_seconds : 0;
}

double Usage::decode_tokens_per_second() const {
  const int intervals = generated_tokens - answered_tokens - 1;
  return decode_seconds > 0 && intervals > 0 ? intervals / decode_seconds : 0;
}

Result<void> Engine::adjust(const Adjustment& adjustment) {
  Capabilities nothing;
  nothing.engine = name();
  return check_adjustment(adjustment, nothing);
}

Result<void> Engine::keep(const std::stop_token&) { return {}; }

Result<void> TokenModel::adjust(const Adjustment&) {
  return fail(ErrorCode::internal, "this model lists as adjustable what it cannot adjust");
}

Result<int> TokenModel::copy(int, int to, int) { return rewind(to, 0); }

Result<std::vector<std::vector<float>>> TokenModel::embed(std::span<const std::vector<TokenId>>) {
  return fail(ErrorCode::unsupported, "this model gives no embeddings",
              "choose an engine whose capabilities say embeddings");
}

}  // namespace tenfold
