// The few definitions the contract's headers declare.
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
  }
  return "stop";
}

double Usage::prefill_tokens_per_second() const {
  return prefill_seconds > 0 ? (prompt_tokens - cached_tokens) / prefill_seconds : 0;
}

double Usage::decode_tokens_per_second() const {
  return decode_seconds > 0 && generated_tokens > 1 ? (generated_tokens - 1) / decode_seconds : 0;
}

Result<std::vector<float>> TokenModel::embed(std::span<const TokenId>) {
  return fail(ErrorCode::unsupported, "this model gives no embeddings",
              "choose an engine whose capabilities say embeddings");
}

}  // namespace tenfold
