// The sequence of a model whose rotary positions have other tables from some length on.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "generation/single_sequence.h"

namespace tenfold {

/// A SingleSequence that knows which tokens are in the cache. When it grows over the border of
/// "longrope", or comes back, what is held is computed again with the other tables, as transformers
/// and onnxruntime-genai do for a text of that length.
class BorderedSequence {
 public:
  /// SingleSequence::start(); `border`: tokens up to which the first tables count, 0: for all.
  void start(int vocabulary_size, int context_size, std::size_t border) {
    sequence_.start(vocabulary_size, context_size);
    border_ = border;
  }

  /// Tokens in the cache; fewer than in the sequence after a failure.
  [[nodiscard]] std::size_t held() const { return held_.size(); }
  /// Whether the tables beyond the border count for what runs now.
  [[nodiscard]] bool beyond() const { return beyond_; }
  /// Whether they count for a text of its own of so many tokens.
  [[nodiscard]] bool is_beyond(std::size_t tokens) const { return border_ > 0 && tokens > border_; }

  /// SingleSequence::evaluate() by `run(tokens, all_positions) -> Result<rows>`, which takes all it
  /// is given, at most `most_at(tokens held)` tokens.
  template <typename MostAt, typename RunPiece>
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks,
                                          const SingleSequence::Limits& limits,
                                          const MostAt& most_at, const RunPiece& run) {
    std::size_t wanted = held_.size();
    for (const Chunk& chunk : chunks) wanted += chunk.tokens.size();
    return sequence_.evaluate(
        chunks, limits,
        [&](std::span<const TokenId> tokens, bool all) -> Result<SingleSequence::Run> {
          std::size_t most = most_at(held_.size());
          // Each row of several is that of a text which ends there.
          if (all && held_.size() < border_) most = std::min(most, border_ - held_.size());
          const auto piece = tokens.first(std::min(tokens.size(), most));
          TRY(choose_tables(all ? held_.size() + piece.size() : wanted, most_at, run));
          const auto rows = TRY(append(piece, all, run));
          return SingleSequence::Run{piece.size(), rows};
        });
  }

  /// The cache holds nothing any more.
  void forget() { held_.clear(); }

  /// SingleSequence::check_tokens().
  [[nodiscard]] Result<void> check_tokens(std::span<const TokenId> tokens) const {
    return sequence_.check_tokens(tokens);
  }

  void interrupt(bool wanted) { sequence_.interrupt(wanted); }
  [[nodiscard]] const std::atomic<bool>& interrupted() const { return sequence_.interrupted(); }

  /// TokenModel::rewind(): no more is kept than is held.
  Result<int> rewind(int sequence, int length) {
    const int held = static_cast<int>(held_.size());
    const int kept = TRY(sequence_.rewind(sequence, std::min(length, held)));
    held_.resize(static_cast<std::size_t>(kept));
    return kept;
  }

 private:
  template <typename MostAt, typename RunPiece>
  Result<void> choose_tables(std::size_t wanted, const MostAt& most_at, const RunPiece& run) {
    const bool beyond = is_beyond(wanted);
    if (beyond == beyond_) return {};
    beyond_ = beyond;
    const std::vector<TokenId> again = std::exchange(held_, {});
    for (std::span<const TokenId> left = again; !left.empty();) {
      const auto piece = left.first(std::min(left.size(), most_at(held_.size())));
      TRY(append(piece, false, run));
      left = left.subspan(piece.size());
    }
    return {};
  }

  template <typename RunPiece>
  Result<std::span<const float>> append(std::span<const TokenId> piece, bool all,
                                        const RunPiece& run) {
    const auto rows = TRY(run(piece, all));
    held_.insert(held_.end(), piece.begin(), piece.end());
    return rows;
  }

  SingleSequence sequence_;
  std::size_t border_ = 0;
  bool beyond_ = false;
  std::vector<TokenId> held_;
};

}  // namespace tenfold
