// What every TokenModel with one sequence checks and counts.
#pragma once

#include <span>

#include "tenfold/token_model.h"

namespace tenfold {

/// The tokens held by the only sequence of a model, and the checks of calls on it.
class SingleSequence {
 public:
  SingleSequence() = default;
  SingleSequence(int vocabulary_size, int context_size)
      : vocabulary_size_(vocabulary_size), context_size_(context_size) {}

  [[nodiscard]] int length() const { return length_; }

  /// The one chunk of a TokenModel::evaluate() call. invalid_argument for several chunks, another
  /// sequence, no tokens or a token outside the vocabulary; context_exceeded with the numbers.
  [[nodiscard]] Result<Chunk> check(std::span<const Chunk> chunks) const;

  /// Counts tokens that are now in the KV cache.
  void append(int tokens) { length_ += tokens; }

  /// For TokenModel::rewind() over a cache whose later positions are masked or overwritten: keeps
  /// the first `length` tokens.
  Result<int> rewind(int sequence, int length);

 private:
  int vocabulary_size_ = 0;
  int context_size_ = 0;
  int length_ = 0;
};

}  // namespace tenfold
