// tests/models/reference.json: what transformers says in f32 (tools/tiny/reference.py).
#pragma once

#include <string>
#include <vector>

#include "parity/compare.h"

namespace tenfold::parity {

struct ScoredTokens {
  std::vector<TokenId> tokens;
  std::vector<double> logprobs;  ///< of each token after the first
};

struct TokenizedText {
  std::string text;
  std::vector<TokenId> tokens;
};

/// One model's part.
struct Reference {
  std::vector<TokenizedText> tokenization;
  std::vector<ParityCase> known;  ///< taught answers
  std::vector<ParityCase> free;   ///< continuations of texts on which nothing was taught
  std::vector<ScoredTokens> scored;
};

/// Throws if the file is not as expected.
Reference read_reference(const std::string& model);

}  // namespace tenfold::parity
