// Natural-log probabilities of a row of logits: log-softmax in double precision.
#pragma once

#include <span>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// ln of the sum of exp over the row: a logit less this is the token's log-probability. internal if
/// a logit is NaN or +infinity, or all are -infinity.
Result<double> log_sum_exp(std::span<const float> row);

/// The log-probability of `token`, with the `top_count` most likely tokens beside it.
Result<TokenLogprob> token_logprob(std::span<const float> row, TokenId token, int top_count,
                                   const Tokenizer& tokenizer);

}  // namespace tenfold
