// What the inputs and outputs of a language model's function mean, found by their names and shapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/mlmodel.h"
#include "tenfold/result.h"

namespace tenfold::coreml {

/// How many tokens a call takes.
struct Lengths {
  std::vector<std::int64_t> allowed;  ///< rising; empty: 1 to `most`
  std::int64_t most = 0;

  /// The least that holds so many; none if they are too many.
  [[nodiscard]] std::optional<std::int64_t> for_count(std::int64_t count) const;
};

/// A part of the KV cache that comes in and goes out again.
struct CarriedCache {
  std::size_t input = 0;
  std::size_t output = 0;
  /// The dimension that has a place for each token so far; none: the cache is of a fixed size.
  std::optional<std::size_t> growing;
};

/// Numbers are those of the function's inputs and outputs.
struct Signature {
  std::optional<std::size_t> tokens;
  std::optional<std::size_t> hidden;     ///< of a part that goes on from another's result
  std::optional<std::size_t> mask;       ///< added to scores, or of booleans: [1, 1, new, all]
  std::optional<std::size_t> attention;  ///< 1 for each token, 0 for padding
  std::optional<std::size_t> positions;  ///< of each new token
  std::optional<std::size_t> position;   ///< of the first new token
  std::vector<CarriedCache> caches;
  /// What it gives: logits, in parts of the vocabulary, or what the next part takes.
  std::vector<std::size_t> results;
  bool gives_logits = false;
  Lengths lengths;
  /// Tokens that the mask, or the other mask, has columns for; 0: as many as there are.
  std::int64_t mask_columns = 0;
  std::int64_t attention_columns = 0;
  std::int64_t context = 0;  ///< in tokens
  bool keeps = false;        ///< has a cache, in states or carried
};

/// unsupported, naming the input and `name`, for a function that is no language model, or part of
/// one, of a form that is known here.
Result<Signature> read_signature(const MlFunction& function, const std::string& name);

}  // namespace tenfold::coreml
