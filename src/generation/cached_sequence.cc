#include "generation/cached_sequence.h"

#include <algorithm>
#include <string>

namespace tenfold {

std::size_t CachedSequence::common_prefix(std::span<const TokenId> prompt) const {
  const auto usable = prompt.first(prompt.empty() ? 0 : prompt.size() - 1);
  const auto differs = std::mismatch(tokens_.begin(), tokens_.end(), usable.begin(), usable.end());
  return static_cast<std::size_t>(differs.first - tokens_.begin());
}

Result<int> CachedSequence::reuse(std::span<const TokenId> prompt, const std::stop_token& stop) {
  TRY(rewind(common_prefix(prompt), stop));
  return static_cast<int>(tokens_.size());
}

Result<void> CachedSequence::copy(const CachedSequence& from, std::size_t length,
                                  const std::stop_token& stop) {
  tokens_.assign(from.tokens_.begin(), from.tokens_.begin() + static_cast<std::ptrdiff_t>(length));
  is_exact_ = false;
  return keep(batcher_.alone(stop, [&](TokenModel& model) {
    return model.copy(from.sequence_, sequence_, static_cast<int>(length));
  }));
}

Result<Batcher::Rows> CachedSequence::append(std::span<const TokenId> tokens, bool all_positions,
                                             const std::stop_token& stop) {
  is_exact_ = false;
  auto rows = batcher_.evaluate({sequence_, tokens, all_positions}, stop);
  if (!rows.ok()) {
    (void)rewind(tokens_.size(), stop);  // on failure it forgets, and the next reuse() starts over
    return rows;
  }
  const auto taken = tokens.first(rows->tokens);
  tokens_.insert(tokens_.end(), taken.begin(), taken.end());
  is_exact_ = true;
  return rows;
}

Result<void> CachedSequence::rewind(std::size_t length, const std::stop_token& stop) {
  if (is_exact_ && length == tokens_.size()) return {};
  tokens_.resize(length);
  return keep(batcher_.alone(
      stop, [&](TokenModel& model) { return model.rewind(sequence_, static_cast<int>(length)); }));
}

/// Takes note of how many of the tokens the engine says it holds.
Result<void> CachedSequence::keep(Result<int> kept) {
  if (kept.ok() && (*kept < 0 || static_cast<std::size_t>(*kept) > tokens_.size())) {
    kept = fail(ErrorCode::internal, "the engine kept " + std::to_string(*kept) +
                                         " tokens when asked to keep " +
                                         std::to_string(tokens_.size()));
  }
  tokens_.resize(kept.ok() ? static_cast<std::size_t>(*kept) : 0);
  is_exact_ = kept.ok();
  if (!kept.ok()) return std::move(kept).error();
  return {};
}

}  // namespace tenfold
