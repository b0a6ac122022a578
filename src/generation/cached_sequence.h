// One sequence of a model's KV cache and the tokens known to be in it.
#pragma once

#include <span>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// All access to a sequence goes through this class, so that what it remembers is what the model
/// holds: after a failure it rewinds to the tokens known to be there, and where it cannot, it
/// starts over. Not thread-safe; the model outlives it.
class CachedSequence {
 public:
  CachedSequence(TokenModel& model, int sequence) : model_(model), sequence_(sequence) {}

  /// Keeps the longest common prefix with `prompt`, but never all of it: the logits of its last
  /// token have to be computed. Returns how many tokens were kept.
  Result<int> reuse(std::span<const TokenId> prompt);

  /// Appends tokens and returns their logits: see TokenModel::evaluate(). internal if the engine
  /// returns another number of logits than asked for.
  Result<std::span<const float>> append(std::span<const TokenId> tokens, bool all_positions);

  /// Says that the model's sequence may have changed: nothing of it is reused.
  void forget();

  [[nodiscard]] int size() const { return static_cast<int>(tokens_.size()); }

 private:
  Result<void> rewind(std::size_t length);

  TokenModel& model_;
  int sequence_;
  std::vector<TokenId> tokens_;
  bool is_exact_ = false;  // the model holds tokens_ and nothing else
};

}  // namespace tenfold
