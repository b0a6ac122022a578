// The most likely tokens of a row of logits, found without sorting the row.
#pragma once

#include <span>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

struct TokenLogit {
  TokenId token = 0;
  float logit = 0;
};

/// Strict order: the higher logit first; of equal ones the lower id.
inline bool is_more_likely(const TokenLogit& a, const TokenLogit& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

/// The highest logit; -infinity if no token is possible. internal naming the token if a logit is
/// NaN or +infinity.
Result<float> highest_logit(std::span<const float> row);

/// Fills `best` with the `count` most likely tokens in order; fewer where the others are -infinity.
/// Linear in the row: it keeps at most 2 * count + 64 candidates.
void select_top_tokens(std::span<const float> row, int count, std::vector<TokenLogit>& best);

}  // namespace tenfold
