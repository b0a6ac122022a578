// Evaluation: tokens become runs of the decoder, runs become rows of logits.
#include "mlx_model.h"

#include "base/barrier.h"
#include "base/machine.h"

namespace tenfold::mlx {

Result<std::span<const float>> MlxModel::run(std::span<const TokenId> tokens, bool all) {
  decoder_->choose_tables(sequence_.beyond());
  logits_ = TRY(
      decoder_->logits(tokens, static_cast<int>(sequence_.held()), all, sequence_.interrupted()));
  return std::span<const float>(logits_->data<float>(), logits_->size());
}

/// What MLX throws leaves arrays behind that cannot be computed: the cache begins anew.
Result<std::span<const float>> MlxModel::run_or_forget(std::span<const TokenId> tokens, bool all) {
  auto rows = barrier("MLX", [&] { return run(tokens, all); });
  if (!rows.ok() && rows.error().code != ErrorCode::cancelled) {
    sequence_.forget();
    decoder_->clear();
  }
  return rows;
}

Result<std::span<const float>> MlxModel::evaluate(std::span<const Chunk> chunks) {
  stream_.use();
  return sequence_.evaluate(
      chunks, {most_tokens_, most_rows_}, [&](std::size_t) { return most_tokens_; },
      [&](std::span<const TokenId> tokens, bool all) { return run_or_forget(tokens, all); });
}

Result<std::vector<std::vector<float>>> MlxModel::embed(
    std::span<const std::vector<TokenId>> texts) {
  if (!pooling_.ok()) return pooling_.error();
  stream_.use();
  std::vector<std::vector<float>> vectors;
  for (const std::vector<TokenId>& tokens : texts) {
    TRY(sequence_.check_tokens(tokens));
    decoder_->choose_tables(sequence_.is_beyond(tokens.size()));
    vectors.push_back(TRY(barrier("MLX", [&] {
      return decoder_->embed(tokens, *pooling_, most_tokens_, sequence_.interrupted());
    })));
  }
  return vectors;
}

Result<void> MlxModel::adjust(const Adjustment& adjustment) {
  if (!adjustment.threads) return {};
  const int count = *adjustment.threads > 0 ? *adjustment.threads : usable_cores();
  if (own_) TRY(own_->use_threads(count));
  info_.threads = count;
  return {};
}

}  // namespace tenfold::mlx
