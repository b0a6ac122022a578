#include "generation/cached_sequence.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace tenfold {

Result<int> CachedSequence::reuse(std::span<const TokenId> prompt) {
  const auto usable = prompt.first(prompt.empty() ? 0 : prompt.size() - 1);
  const auto differs = std::mismatch(tokens_.begin(), tokens_.end(), usable.begin(), usable.end());
  TRY(rewind(static_cast<std::size_t>(differs.first - tokens_.begin())));
  return size();
}

Result<std::span<const float>> CachedSequence::append(std::span<const TokenId> tokens,
                                                      bool all_positions) {
  const Chunk chunk{sequence_, tokens, all_positions};
  is_exact_ = false;  // until the call has returned: it may throw
  auto logits = model_.evaluate({&chunk, 1});
  if (!logits.ok()) {
    (void)rewind(tokens_.size());  // on failure it forgets, and the next reuse() starts over
    return logits;
  }
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  is_exact_ = true;
  const std::size_t rows = all_positions ? tokens.size() : 1;
  const std::size_t expected = rows * static_cast<std::size_t>(model_.info().vocabulary_size);
  if (logits->size() != expected) {
    return fail(ErrorCode::internal, "the engine returned " + std::to_string(logits->size()) +
                                         " logits where " + std::to_string(expected) +
                                         " were expected");
  }
  return logits;
}

void CachedSequence::forget() {
  tokens_.clear();
  is_exact_ = false;
}

Result<void> CachedSequence::rewind(std::size_t length) {
  if (is_exact_ && length == tokens_.size()) return {};
  const auto kept = model_.rewind(sequence_, static_cast<int>(length));
  if (!kept.ok()) {
    forget();
    return kept.error();
  }
  if (*kept < 0 || static_cast<std::size_t>(*kept) > length) {
    forget();
    return fail(ErrorCode::internal, "the engine kept " + std::to_string(*kept) +
                                         " tokens when asked to rewind to " +
                                         std::to_string(length));
  }
  tokens_.resize(static_cast<std::size_t>(*kept));
  is_exact_ = true;
  return {};
}

}  // namespace tenfold
