// Constrained decoding by llguidance (src/text/rust): which tokens may come next.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// The vocabulary in the form grammars need. Making it takes a moment (it reads every token), so
/// make one per model and keep it. Immutable and thread-safe.
class ConstraintVocabulary {
 public:
  static Result<ConstraintVocabulary> create(const Tokenizer& tokenizer);

 private:
  friend class ConstraintMatcher;
  struct Handle;
  explicit ConstraintVocabulary(std::shared_ptr<const Handle> handle)
      : handle_(std::move(handle)) {}
  std::shared_ptr<const Handle> handle_;
};

/// Follows one answer through a grammar. Not thread-safe.
///
/// The three kinds are those of llguidance. JSON is written with at most one space between its
/// tokens (a small model can loop on free white space); a schema chooses otherwise with
/// "x-guidance": {"whitespace_flexible": true}. Special tokens can be named by a Lark grammar
/// (<|im_start|>), but never spelled. Masks allow any tokenization of the grammar's text.
class ConstraintMatcher {
 public:
  /// invalid_argument naming the fault if the schema, expression or grammar cannot be compiled.
  static Result<ConstraintMatcher> create(const ConstraintVocabulary& vocabulary,
                                          const Constraint& constraint);

  /// One bit per token id, least significant bit of the first word first; set: allowed. The end
  /// tokens are allowed exactly where the answer may end. Valid until the next call.
  Result<std::span<const std::uint32_t>> mask();

  /// Advances by a token that the last mask() allowed. Another one is invalid_argument and leaves
  /// the matcher as it was.
  Result<void> accept(TokenId token);

  /// Whether nothing but the end may follow.
  [[nodiscard]] bool is_finished() const;

 private:
  struct Handle;
  explicit ConstraintMatcher(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
  std::vector<std::uint32_t> mask_;
};

}  // namespace tenfold
