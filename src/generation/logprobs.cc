#include "generation/logprobs.h"

#include <cmath>
#include <cstddef>

#include "generation/top_tokens.h"

namespace tenfold {

Result<double> log_sum_exp(std::span<const float> row) {
  // Relative to the highest logit no exp() can overflow, and the sum is at least 1.
  const auto highest = static_cast<double>(TRY(highest_logit(row)));
  if (std::isinf(highest)) {
    return fail(ErrorCode::internal, "the engine computed -infinity for every token",
                "the model file may be damaged: try another quantization or engine");
  }
  double sum = 0;
  for (const float logit : row) sum += std::exp(static_cast<double>(logit) - highest);
  return highest + std::log(sum);
}

Result<TokenLogprob> token_logprob(std::span<const float> row, TokenId token, int top_count,
                                   const Tokenizer& tokenizer) {
  const double normalizer = TRY(log_sum_exp(row));
  const auto entry = [&](TokenId id) {
    const auto logit = static_cast<double>(row[static_cast<std::size_t>(id)]);
    return TokenLogprob{id, tokenizer.token_bytes(id), logit - normalizer, {}};
  };
  TokenLogprob result = entry(token);
  std::vector<TokenLogit> best;
  select_top_tokens(row, top_count, best);
  for (const TokenLogit& candidate : best) result.top.push_back(entry(candidate.token));
  return result;
}

}  // namespace tenfold
