// The sampler: from a row of logits to the next token, in one documented order.
//
//  1. logit_bias is added (-infinity bans a token);
//  2. the constraint's mask bans what the grammar forbids;
//  3. repeat, presence and frequency penalties (see penalties.h);
//  4. temperature 0: the highest logit, of equal ones the lowest id. Done; otherwise
//  5. top_k: the k most likely tokens;
//  6. top_p: of these, the smallest set of most likely tokens whose probability reaches p
//     (nucleus sampling, Holtzman et al. 2019, arXiv:1904.09751), at temperature 1;
//  7. min_p: of these, the tokens at least min_p times as likely as the most likely one
//     (Nguyen et al. 2024, arXiv:2407.01082), at temperature 1;
//  8. the logits are divided by the temperature, softmax, one draw.
//
// With ResolvedSampling::temperature_first they are divided before step 5, whose and whose
// successors' probabilities are those at the temperature then.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

#include "engine/sampling.h"
#include "generation/penalties.h"
#include "generation/top_tokens.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// Samples one answer. The same seed, logits and parameters give the same tokens on every platform:
/// the generator is std::mt19937_64, whose output the C++ standard fixes, and one draw is
/// (x >> 11) * 2^-53. Not thread-safe.
class Sampler {
 public:
  /// `prompt` counts for the repeat penalty. invalid_argument if logit_bias names a token outside
  /// the vocabulary or is NaN or +infinity.
  static Result<Sampler> create(const ResolvedSampling& sampling, int vocabulary_size,
                                std::uint64_t seed, std::span<const TokenId> prompt);

  /// The next token. `mask` has one bit per token as in ConstraintMatcher::mask(), tokens beyond it
  /// are forbidden; empty: everything is allowed. invalid_argument if every token is forbidden,
  /// internal if a logit is NaN or +infinity.
  Result<TokenId> sample(std::span<const float> logits, std::span<const std::uint32_t> mask);

  /// Takes note of a token that became part of the answer.
  void accept(TokenId token) { penalties_.accept(token); }

  /// sample() and accept() of a token that is known.
  void replay(TokenId token);

 private:
  struct Weighted {
    TokenLogit candidate;
    double weight;
  };
  Sampler(const ResolvedSampling& sampling, std::uint64_t seed, std::span<const TokenId> prompt);

  std::span<const float> adjust(std::span<const float> logits, std::span<const std::uint32_t> mask);
  void collect(std::span<const float> row, double highest);
  void keep_top_p(double highest);
  void keep_min_p(double highest);
  TokenId draw(double highest);

  ResolvedSampling sampling_;
  float divisor_ = 1;  ///< of logits, before anything is chosen among them
  Penalties penalties_;
  std::mt19937_64 generator_;
  double mass_ = 0;  // of the distribution top_p acts on, in units of the most likely token
  std::vector<float> row_;
  std::vector<TokenLogit> candidates_;
  std::vector<Weighted> weighted_;
  std::vector<double> weights_;
};

}  // namespace tenfold
