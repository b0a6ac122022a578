#include "generation/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace tenfold {
namespace {

void forbid_unset(std::span<float> row, std::span<const std::uint32_t> mask) {
  constexpr auto forbidden = -std::numeric_limits<float>::infinity();
  for (std::size_t word = 0; word * 32 < row.size(); ++word) {
    const std::uint32_t allowed = word < mask.size() ? mask[word] : 0;
    if (allowed == ~std::uint32_t{0}) continue;
    const std::size_t end = std::min(row.size(), word * 32 + 32);
    for (std::size_t i = word * 32; i < end; ++i) {
      if ((allowed >> (i % 32) & 1U) == 0) row[i] = forbidden;
    }
  }
}

Error nothing_allowed(bool is_restricted) {
  if (is_restricted) {
    return fail(ErrorCode::invalid_argument,
                "logit_bias and the constraint together forbid every token",
                "remove bans from logit_bias or loosen the constraint");
  }
  return fail(ErrorCode::internal, "the engine computed -infinity for every token",
              "the model file may be damaged: try another quantization or engine");
}

}  // namespace

Result<Sampler> Sampler::create(const ResolvedSampling& sampling, int vocabulary_size,
                                std::uint64_t seed, std::span<const TokenId> prompt) {
  for (const auto& [token, bias] : sampling.logit_bias) {
    const std::string name = "logit_bias[" + std::to_string(token) + "]";
    if (token < 0 || token >= vocabulary_size) {
      return fail(ErrorCode::invalid_argument, name + " names a token outside the vocabulary",
                  "Token ids of this model are 0 to " + std::to_string(vocabulary_size - 1) + ".");
    }
    if (!(bias <= static_cast<double>(std::numeric_limits<float>::max()))) {
      return fail(ErrorCode::invalid_argument, name + " is not a number below infinity",
                  "use a bias such as 5, -5 or 100, or -infinity to ban the token");
    }
  }
  return Sampler(sampling, seed, prompt);
}

Sampler::Sampler(const ResolvedSampling& sampling, std::uint64_t seed,
                 std::span<const TokenId> prompt)
    : sampling_(sampling), penalties_(sampling, prompt), generator_(seed) {
  if (!sampling.temperature_first || sampling.temperature == 0) return;
  divisor_ = static_cast<float>(sampling.temperature);
  sampling_.temperature = 1;
}

Result<TokenId> Sampler::sample(std::span<const float> logits,
                                std::span<const std::uint32_t> mask) {
  const std::span<const float> row = adjust(logits, mask);
  const float highest = TRY(highest_logit(row));
  if (std::isinf(highest)) return nothing_allowed(!mask.empty() || !sampling_.logit_bias.empty());
  if (sampling_.temperature == 0) {
    return static_cast<TokenId>(std::find(row.begin(), row.end(), highest) - row.begin());
  }
  const auto reference = static_cast<double>(highest);
  collect(row, reference);
  keep_top_p(reference);
  keep_min_p(reference);
  return draw(reference);
}

void Sampler::replay(TokenId token) {
  if (sampling_.temperature != 0) generator_.discard(1);
  accept(token);
}

std::span<const float> Sampler::adjust(std::span<const float> logits,
                                       std::span<const std::uint32_t> mask) {
  const bool as_they_are = sampling_.logit_bias.empty() && mask.empty() && divisor_ == 1;
  if (as_they_are && !penalties_.is_active()) return logits;
  row_.assign(logits.begin(), logits.end());
  for (const auto& [token, bias] : sampling_.logit_bias) {
    row_[static_cast<std::size_t>(token)] += static_cast<float>(bias);
  }
  if (!mask.empty()) forbid_unset(row_, mask);
  if (penalties_.is_active()) penalties_.apply(row_);
  if (divisor_ != 1) {
    for (float& logit : row_) logit /= divisor_;
  }
  return row_;
}

void Sampler::collect(std::span<const float> row, double highest) {
  const bool use_top_k =
      sampling_.top_k > 0 && static_cast<std::size_t>(sampling_.top_k) < row.size();
  mass_ = 0;
  if (use_top_k) {
    select_top_tokens(row, sampling_.top_k, candidates_);
    for (const TokenLogit& c : candidates_)
      mass_ += std::exp(static_cast<double>(c.logit) - highest);
    return;
  }
  // Tokens that top_p or min_p would drop anyway are not even gathered. For top_p: the tokens less
  // likely than (1 - p) / n have less than 1 - p together, so the set it keeps has none of them;
  // half of that bound leaves room for rounding.
  double floor = -std::numeric_limits<double>::max();
  if (sampling_.top_p < 1) {
    const auto top = static_cast<float>(highest);
    for (const float logit : row) mass_ += static_cast<double>(std::exp(logit - top));
    const auto count = static_cast<double>(row.size());
    floor = highest + std::log((1 - sampling_.top_p) / 2 * mass_ / count);
  }
  if (sampling_.min_p > 0) floor = std::max(floor, highest + std::log(sampling_.min_p));
  candidates_.clear();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (static_cast<double>(row[i]) >= floor) {
      candidates_.push_back({static_cast<TokenId>(i), row[i]});
    }
  }
}

void Sampler::keep_top_p(double highest) {
  if (sampling_.top_p >= 1 || candidates_.size() < 2) return;
  weighted_.clear();
  for (const TokenLogit& c : candidates_) {
    weighted_.push_back({c, std::exp(static_cast<double>(c.logit) - highest)});
  }
  // A selection by weight: halve the range that holds the token with which the mass reaches p.
  const auto is_before = [](const Weighted& a, const Weighted& b) {
    return is_more_likely(a.candidate, b.candidate);
  };
  double missing = sampling_.top_p * mass_;
  auto begin = weighted_.begin();
  auto end = weighted_.end();
  while (end - begin > 1) {
    const auto middle = begin + (end - begin) / 2;
    std::nth_element(begin, middle, end, is_before);
    double upper = 0;
    for (auto w = begin; w != middle; ++w) upper += w->weight;
    if (upper >= missing) {
      end = middle;
    } else {
      missing -= upper;
      begin = middle;
    }
  }
  const TokenLogit last = begin->candidate;
  std::erase_if(candidates_, [&](const TokenLogit& c) { return is_more_likely(last, c); });
}

void Sampler::keep_min_p(double highest) {
  if (sampling_.min_p <= 0) return;
  const double floor = highest + std::log(sampling_.min_p);
  std::erase_if(candidates_,
                [&](const TokenLogit& c) { return static_cast<double>(c.logit) < floor; });
}

TokenId Sampler::draw(double highest) {
  weights_.clear();
  double total = 0;
  for (const TokenLogit& c : candidates_) {
    const double weight =
        std::exp((static_cast<double>(c.logit) - highest) / sampling_.temperature);
    weights_.push_back(weight);
    total += weight;
  }
  const double target = static_cast<double>(generator_() >> 11) * 0x1p-53 * total;
  double reached = 0;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] == 0) continue;
    chosen = i;
    reached += weights_[i];
    if (reached > target) break;
  }
  return candidates_[chosen].token;
}

}  // namespace tenfold
