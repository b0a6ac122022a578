// What every TokenModel with one sequence checks, counts and gathers.
#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <span>
#include <vector>

#include "tenfold/token_model.h"

namespace tenfold {

/// The tokens held by the only sequence of a model, and the calls on it.
class SingleSequence {
 public:
  /// The most tokens of one run of the framework.
  struct Limits {
    std::size_t tokens = std::numeric_limits<std::size_t>::max();
    std::size_t rows = tokens;  ///< where the logits of all of them are wanted
  };
  /// What one run did.
  struct Run {
    std::size_t tokens = 0;       ///< how many of those it was given were taken, at least one
    std::span<const float> rows;  ///< their logits; see evaluate() for those that may be left out
  };

  /// For the model that was loaded; before that nothing can be evaluated.
  void start(int vocabulary_size, int context_size);

  [[nodiscard]] int length() const { return length_; }

  /// TokenModel::evaluate(): checks the chunk, gives its tokens piece by piece to
  /// `run(tokens, all_positions) -> Result<Run>`, counts those it took, and gathers the rows if all
  /// are wanted. Else the last row of the last run is the result, whatever came before it.
  template <typename RunPiece>
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks, const Limits& most,
                                          const RunPiece& run) {
    const Chunk chunk = TRY(check(chunks));
    const std::size_t largest = chunk.all_positions ? most.rows : most.tokens;
    std::span<const float> rows;
    gathered_.clear();
    for (auto left = chunk.tokens; !left.empty();) {
      if (interrupted_) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
      const Run done = TRY(run(left.first(std::min(left.size(), largest)), chunk.all_positions));
      length_ += static_cast<int>(done.tokens);
      left = left.subspan(done.tokens);
      rows = done.rows;
      if (chunk.all_positions && done.tokens < chunk.tokens.size()) {
        gathered_.insert(gathered_.end(), rows.begin(), rows.end());
        rows = gathered_;
      }
    }
    return chunk.all_positions ? rows : rows.last(static_cast<std::size_t>(vocabulary_size_));
  }

  /// invalid_argument, naming it, for a token outside the vocabulary.
  [[nodiscard]] Result<void> check_tokens(std::span<const TokenId> tokens) const;

  /// TokenModel::interrupt(): evaluate() looks before each run. Thread-safe.
  void interrupt(bool wanted) { interrupted_ = wanted; }
  /// For runs that can end early. Thread-safe.
  [[nodiscard]] const std::atomic<bool>& interrupted() const { return interrupted_; }

  /// For TokenModel::rewind() over a cache whose later positions are masked or overwritten: keeps
  /// the first `length` tokens.
  Result<int> rewind(int sequence, int length);

 private:
  /// The one chunk of a call. invalid_argument for several chunks, another sequence, no tokens or a
  /// token outside the vocabulary; context_exceeded with the numbers.
  [[nodiscard]] Result<Chunk> check(std::span<const Chunk> chunks) const;

  int vocabulary_size_ = 0;
  int context_size_ = 0;
  int length_ = 0;
  std::vector<float> gathered_;  ///< rows of several runs
  std::atomic<bool> interrupted_ = false;
};

}  // namespace tenfold
