// Compares what an engine says to one prompt with what a reference says to it.
#pragma once

#include <string>
#include <vector>

#include "parity/greedy.h"

namespace tenfold {

/// A prompt and what the reference says to it.
struct ParityCase {
  std::string name;  ///< in reports
  Prompt prompt;
  PreparedPrompt prepared;
  std::vector<TokenId> answer;  ///< greedy ids, including the one that ended the turn
  std::vector<TopTokens> top;   ///< at each position of `answer`; empty when not known
  bool ends = false;            ///< the last id of `answer` ended the turn
};

/// Makes an engine's own answer the reference. `unsupported` if the prompt is a conversation and
/// the model has no chat template; cancelled by `stop`.
Result<ParityCase> record_case(Engine& engine, std::string name, const Prompt& prompt,
                               std::size_t max_tokens, const std::stop_token& stop = {});

struct CaseReport {
  std::string name;
  std::string text_difference;           ///< of the rendered prompt; empty: byte for byte the same
  std::string tokens_difference;         ///< of the prompt's ids; empty: the same
  std::optional<Divergence> divergence;  ///< of the greedy answers

  // Along the reference's answer: at each of its positions, given the tokens before it.
  std::size_t positions = 0;
  std::size_t agreed = 0;        ///< of these, where the most likely token is the same
  std::size_t kl_positions = 0;  ///< of these, where both distributions are known
  double kl = 0;                 ///< sum over kl_positions of divergence_of()
};

/// The answer is computed from the reference's prompt ids, so that a difference of tokenizers is
/// not reported as one of weights as well. cancelled by `stop`.
Result<CaseReport> compare_case(Engine& engine, const ParityCase& reference,
                                const std::stop_token& stop = {});

/// Kullback-Leibler divergence KL(reference || run) in nats, as much as the most likely tokens of
/// each prove: never more than that of the whole distributions. Tokens in both lists count one by
/// one, those in the reference's alone as one event, of which the run's probability is at most that
/// of its last token for each, and all others as another. Merging events only lowers the divergence
/// (data processing inequality).
double divergence_of(const TopTokens& reference, const TopTokens& run);

/// Where two texts differ first, with what stands there; empty if they are the same.
std::string first_difference(const std::string& expected, const std::string& got);
std::string first_difference(std::span<const TokenId> expected, std::span<const TokenId> got);

}  // namespace tenfold
