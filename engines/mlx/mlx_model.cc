// Evaluation: tokens become runs of the decoder, runs become rows of logits.
#include "mlx_model.h"

#include <algorithm>
#include <utility>

#include "base/barrier.h"
#include "base/machine.h"

namespace tenfold::mlx {

Result<std::span<const float>> MlxModel::run(std::span<const TokenId> tokens, bool all) {
  const int position = static_cast<int>(held_.size());
  logits_ = TRY(decoder_->logits(tokens, position, all, interrupted_));
  held_.insert(held_.end(), tokens.begin(), tokens.end());
  return std::span<const float>(logits_->data<float>(), logits_->size());
}

/// What MLX throws leaves arrays behind that cannot be computed: the cache begins anew.
Result<std::span<const float>> MlxModel::run_or_forget(std::span<const TokenId> tokens, bool all) {
  auto rows = barrier("MLX", [&] { return run(tokens, all); });
  if (!rows.ok() && rows.error().code != ErrorCode::cancelled) {
    held_.clear();
    decoder_->clear();
  }
  return rows;
}

/// When the sequence grows over the border, or comes back, what is held is computed again with the
/// other tables, as transformers does for a text of that length.
Result<void> MlxModel::choose_tables(std::size_t wanted) {
  const bool beyond = border_ > 0 && wanted > border_;
  if (beyond == beyond_) return {};
  beyond_ = beyond;
  decoder_->choose_tables(beyond);
  const std::vector<TokenId> again = std::exchange(held_, {});
  for (std::span<const TokenId> left = again; !left.empty();) {
    const auto piece = left.first(std::min(left.size(), most_tokens_));
    TRY(run_or_forget(piece, false));
    left = left.subspan(piece.size());
  }
  return {};
}

Result<std::span<const float>> MlxModel::evaluate(std::span<const Chunk> chunks) {
  stream_.use();
  std::size_t wanted = held_.size();
  for (const Chunk& chunk : chunks) wanted += chunk.tokens.size();
  return sequence_.evaluate(
      chunks, {most_tokens_, most_rows_},
      [&](std::span<const TokenId> tokens, bool all) -> Result<SingleSequence::Run> {
        std::size_t most = tokens.size();
        // Each row of several is that of a text which ends there.
        if (all && held_.size() < border_) most = std::min(most, border_ - held_.size());
        const auto piece = tokens.first(most);
        TRY(choose_tables(all ? held_.size() + piece.size() : wanted));
        const auto rows = TRY(run_or_forget(piece, all));
        return SingleSequence::Run{piece.size(), rows};
      });
}

Result<void> MlxModel::adjust(const Adjustment& adjustment) {
  if (!adjustment.threads) return {};
  const int count = *adjustment.threads > 0 ? *adjustment.threads : usable_cores();
  if (own_) TRY(own_->use_threads(count));
  info_.threads = count;
  return {};
}

Result<int> MlxModel::rewind(int sequence, int length) {
  const int held = static_cast<int>(held_.size());
  const int kept = TRY(sequence_.rewind(sequence, std::min(length, held)));
  held_.resize(static_cast<std::size_t>(kept));
  return kept;
}

}  // namespace tenfold::mlx
