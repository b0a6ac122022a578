#include "parity/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tenfold {
namespace {

constexpr std::size_t shown_bytes = 24;
constexpr double least = 1e-9;  // keeps what rounding makes of an empty rest out of the logarithm

/// What prepare() says on the candidate's side, as differences.
Result<void> compare_prompt(Engine& engine, const ParityCase& reference, CaseReport& report) {
  const Result<PreparedPrompt> prepared = engine.prepare(reference.prompt);
  if (!prepared.ok() && prepared.error().code == ErrorCode::unsupported) {
    report.text_difference = prepared.error().message;
    return {};
  }
  if (!prepared.ok()) return prepared.error();
  report.text_difference = first_difference(reference.prepared.text, prepared->text);
  report.tokens_difference = first_difference(reference.prepared.tokens, prepared->tokens);
  return {};
}

void compare_position(const ParityCase& reference, std::size_t at, TokenId token,
                      const TopTokens& top, CaseReport& report) {
  ++report.positions;
  if (token == reference.answer[at]) ++report.agreed;
  if (at >= reference.top.size() || top.empty()) return;
  ++report.kl_positions;
  report.kl += divergence_of(reference.top[at], top);
}

}  // namespace

Result<ParityCase> record_case(Engine& engine, std::string name, const Prompt& prompt,
                               std::size_t max_tokens, const std::stop_token& stop) {
  auto prepared = TRY(engine.prepare(prompt));
  ParityCase out{std::move(name), prompt, std::move(prepared), {}, {}, false};
  const Answer answer = TRY(answer_greedily(engine, out.prepared.tokens, max_tokens, stop));
  out.answer = answer.tokens;
  out.top = top_tokens_of(answer);
  out.ends = answer.finish == FinishReason::stop;
  return out;
}

Result<CaseReport> compare_case(Engine& engine, const ParityCase& reference,
                                const std::stop_token& stop) {
  CaseReport report;
  report.name = reference.name;
  TRY(compare_prompt(engine, reference, report));
  // One token more than an answer that ends: the run has to end there, too.
  const std::size_t longest = reference.answer.size() + (reference.ends ? 1 : 0);
  Answer answer = TRY(answer_greedily(engine, reference.prepared.tokens, longest, stop));
  report.divergence = first_divergence(reference.answer, reference.top, answer);
  std::vector<TokenId> context = reference.prepared.tokens;
  for (std::size_t at = 0; at < reference.answer.size(); ++at) {
    if (report.divergence && at > report.divergence->position) {
      const Answer one = TRY(answer_greedily(engine, context, 1, stop));
      compare_position(reference, at, one.tokens.at(0),
                       one.logprobs.empty() ? TopTokens() : one.logprobs[0].top, report);
    } else if (at < answer.tokens.size()) {
      compare_position(reference, at, answer.tokens[at],
                       answer.logprobs.empty() ? TopTokens() : answer.logprobs.at(at).top, report);
    } else {
      ++report.positions;  // it ended where the reference goes on
    }
    context.push_back(reference.answer[at]);
  }
  return report;
}

double divergence_of(const TopTokens& reference, const TopTokens& run) {
  if (reference.empty() || run.empty()) return 0;
  const auto part = [](double p, double q) { return p * std::log(p / std::max(q, least)); };
  double sum = 0;
  double run_left = 1;
  double reference_left = 1;
  double unmatched = least;
  double run_unmatched = 0;  // at most
  for (const TokenLogprob& token : reference) {
    const double probability = std::exp(token.logprob);
    reference_left -= probability;
    const auto other = std::ranges::find(run, token.token, &TokenLogprob::token);
    if (other == run.end()) {
      unmatched += probability;
      run_unmatched += std::exp(run.back().logprob);
    } else {
      sum += probability * (token.logprob - other->logprob);
      run_left -= std::exp(other->logprob);
    }
  }
  reference_left = std::max(reference_left, least);
  run_left = std::max(run_left, least);
  // The share that makes the sum least, within what is possible.
  run_unmatched = std::min(run_unmatched, run_left * unmatched / (unmatched + reference_left));
  sum += part(unmatched, run_unmatched) + part(reference_left, run_left - run_unmatched);
  return std::max(0.0, sum);
}

std::string first_difference(const std::string& expected, const std::string& got) {
  if (expected == got) return {};
  const auto at =
      static_cast<std::size_t>(std::ranges::mismatch(expected, got).in1 - expected.begin());
  return fmt::format("at byte {}: {:?}, expected {:?}", at, got.substr(at, shown_bytes),
                     expected.substr(at, shown_bytes));
}

std::string first_difference(std::span<const TokenId> expected, std::span<const TokenId> got) {
  const auto parted = std::ranges::mismatch(expected, got);
  if (parted.in1 == expected.end() && parted.in2 == got.end()) return {};
  const auto shown = [](auto at, auto end) { return at == end ? "the end" : std::to_string(*at); };
  return fmt::format("at position {}: {}, expected {} ({} and {} tokens)",
                     parted.in1 - expected.begin(), shown(parted.in2, got.end()),
                     shown(parted.in1, expected.end()), got.size(), expected.size());
}

}  // namespace tenfold
