// Greedy answers, the only kind that two runs can be compared by.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tenfold/engine.h"

namespace tenfold {

/// The most likely tokens at one position, most likely first, with natural-log probabilities.
using TopTokens = std::vector<TokenLogprob>;

/// How many of them are asked for.
inline constexpr int top_token_count = 20;

/// The greedy continuation of `prompt`, with logprobs (and `top_token_count` tokens at each
/// position) where the engine has them. cancelled by `stop`, and if the engine's cancel() was
/// called; context_exceeded if the context is full before `max_tokens` or the end of the turn.
Result<Answer> answer_greedily(Engine& engine, std::vector<TokenId> prompt, std::size_t max_tokens,
                               std::stop_token stop = {});

/// The first position at which two greedy answers to one prompt differ.
struct Divergence {
  std::size_t position = 0;
  std::optional<TokenLogprob> expected;  ///< absent: the answer had ended
  std::optional<TokenLogprob> got;       ///< absent: the answer had ended
  /// By how much this run finds its own token likelier than the expected one, as a difference of
  /// log-probabilities (that of the logits); absent if the engine does not tell.
  std::optional<double> gap;
  /// By how much the reference finds its token likelier than this run's; absent if unknown.
  std::optional<double> reference_gap;
};

/// `expected_top` is empty or has one entry for each expected token.
std::optional<Divergence> first_divergence(std::span<const TokenId> expected,
                                           std::span<const TopTokens> expected_top,
                                           const Answer& got);

/// The `top` of each of the answer's tokens.
std::vector<TopTokens> top_tokens_of(const Answer& answer);

/// `12 " Paris"`, with the bytes in hexadecimal where they are no text; "the end" when absent.
std::string describe(const std::optional<TokenLogprob>& token);

/// `token 3 is 12 " Paris", expected 14 " Rome" (gap 0.12, in the reference 0.30)`
std::string describe(const Divergence& divergence);

}  // namespace tenfold
