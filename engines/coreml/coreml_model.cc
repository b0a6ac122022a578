// Evaluation: pieces of the sequence become runs of the decoder.
#include "coreml_model.h"

#include <fmt/format.h>

#include "base/barrier.h"
#include "base/machine.h"

namespace tenfold::coreml {

Result<SingleSequence::Run> CoremlModel::run(std::span<const TokenId> tokens, bool all) {
  const auto past = static_cast<std::size_t>(sequence_.length());
  Decoder::Rows rows;
  std::size_t taken = tokens.size();
  if (decoder_->keeps()) {
    rows = TRY(decoder_->run(static_cast<std::int64_t>(past), tokens, all, 0, interrupted_));
    taken = rows.tokens;
  } else {
    history_.resize(past);
    history_.insert(history_.end(), tokens.begin(), tokens.end());
    const std::size_t first = all ? past : history_.size() - 1;
    rows = TRY(decoder_->run(0, history_, all, static_cast<std::int64_t>(first), interrupted_));
  }
  // Some of a prompt only fills caches, and gives no row.
  const bool is_known =
      rows.logits.empty() || rows.width == static_cast<std::size_t>(info_.vocabulary_size);
  if (is_known) return SingleSequence::Run{taken, rows.logits};
  return fail(ErrorCode::bad_model, fmt::format("{}: rows of {} logits, which were {} before",
                                                info_.path, rows.width, info_.vocabulary_size));
}

Result<std::span<const float>> CoremlModel::evaluate(std::span<const Chunk> chunks) {
  return sequence_.evaluate(chunks, {most_tokens_}, [&](std::span<const TokenId> tokens, bool all) {
    return barrier("Core ML", [&] { return run(tokens, all); });
  });
}

int CoremlModel::preferred_step() const {
  return decoder_->keeps() ? TokenModel::preferred_step() : info_.context_size;
}

Result<void> CoremlModel::adjust(const Adjustment& adjustment) {
  if (!adjustment.threads) return {};
  const int count = *adjustment.threads > 0 ? *adjustment.threads : usable_cores();
  TRY(decoder_->use_threads(count));
  info_.threads = count;
  return {};
}

}  // namespace tenfold::coreml
