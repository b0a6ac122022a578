// One sequence of a model's KV cache and the tokens known to be in it.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "generation/batcher.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// All access to a sequence goes through this class, so that what it remembers is what the model
/// holds: after a failure it rewinds to the tokens known to be there, and where it cannot, it
/// starts over. Not thread-safe; the batcher outlives it.
class CachedSequence {
 public:
  CachedSequence(Batcher& batcher, int sequence) : batcher_(batcher), sequence_(sequence) {}

  /// How many tokens of `prompt` it holds from the start, at most all but one: the logits of the
  /// last one have to be computed.
  [[nodiscard]] std::size_t common_prefix(std::span<const TokenId> prompt) const;

  /// Keeps the common prefix with `prompt`, at least what the engine lets it keep. Returns how many
  /// tokens were kept. `stop` ends the wait for the model.
  Result<int> reuse(std::span<const TokenId> prompt, const std::stop_token& stop = {});

  /// Holds the first `length` tokens of another one instead of its own, or none where the engine
  /// cannot do that. `stop` ends the wait for the model.
  Result<void> copy(const CachedSequence& from, std::size_t length,
                    const std::stop_token& stop = {});

  /// Appends the first of the tokens, as many as one step takes, and returns their logits: see
  /// Batcher::evaluate().
  Result<Batcher::Rows> append(std::span<const TokenId> tokens, bool all_positions,
                               const std::stop_token& stop = {});

  /// Says that the rows were used, which other answers wait for: see Batcher::release().
  void release() { batcher_.release(sequence_); }

  /// The answer has ended; the tokens stay.
  void leave() { batcher_.leave(sequence_); }

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }

 private:
  Result<void> rewind(std::size_t length, const std::stop_token& stop);
  Result<void> keep(Result<int> kept);

  Batcher& batcher_;
  int sequence_;
  std::vector<TokenId> tokens_;
  bool is_exact_ = false;  // the model holds tokens_ and nothing else
};

}  // namespace tenfold
