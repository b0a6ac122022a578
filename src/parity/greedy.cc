#include "parity/greedy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "engine/sampling.h"

namespace tenfold {
namespace {

const TokenLogprob* find_token(const TopTokens& top, TokenId token) {
  const auto found = std::ranges::find(top, token, &TokenLogprob::token);
  return found == top.end() ? nullptr : &*found;
}

/// How much likelier `first` is than `second`.
std::optional<double> gap_between(const TopTokens& top, TokenId first, TokenId second) {
  const TokenLogprob* one = find_token(top, first);
  const TokenLogprob* other = find_token(top, second);
  if (one == nullptr || other == nullptr) return std::nullopt;
  return one->logprob - other->logprob;
}

std::string shown(const std::optional<double>& gap) {
  return gap ? fmt::format("{:.3f}", *gap) : "unknown";
}

}  // namespace

Result<Answer> answer_greedily(Engine& engine, std::vector<TokenId> prompt, std::size_t max_tokens,
                               std::stop_token stop) {
  Request request;
  request.prompt = std::move(prompt);
  request.sampling = greedy_sampling(engine.capabilities().request_options);
  request.max_tokens = static_cast<int>(max_tokens);
  const auto& options = engine.capabilities().request_options;
  if (std::ranges::find(options, "logprobs") != options.end()) request.logprobs = top_token_count;
  Answer answer = TRY(engine.stream(request, {}, std::move(stop)));
  if (answer.finish == FinishReason::cancelled) {
    return fail(ErrorCode::cancelled, "the comparison was cancelled");
  }
  if (answer.finish == FinishReason::context_full) {
    return fail(ErrorCode::context_exceeded,
                fmt::format("the context is full after {} of {} tokens of an answer",
                            answer.tokens.size(), max_tokens),
                "raise --ctx, or compare fewer tokens with --max-tokens");
  }
  return answer;
}

std::optional<Divergence> first_divergence(std::span<const TokenId> expected,
                                           std::span<const TopTokens> expected_top,
                                           const Answer& got) {
  const auto parted = std::ranges::mismatch(expected, got.tokens);
  const auto at = static_cast<std::size_t>(parted.in1 - expected.begin());
  if (at == expected.size() && at == got.tokens.size()) return std::nullopt;
  const TopTokens none;
  const TopTokens& reference_top = at < expected_top.size() ? expected_top[at] : none;
  const TopTokens& top = at < got.logprobs.size() ? got.logprobs[at].top : none;
  Divergence out{at, {}, {}, {}, {}};
  if (at < got.tokens.size()) {
    out.got = at < got.logprobs.size() ? got.logprobs[at] : TokenLogprob{got.tokens[at], {}, 0, {}};
    out.got->top.clear();
  }
  if (at < expected.size()) {
    const TokenLogprob* known = find_token(reference_top, expected[at]);
    // A reference from a file has no bytes.
    if (known == nullptr || known->bytes.empty()) known = find_token(top, expected[at]);
    out.expected = known == nullptr ? TokenLogprob{expected[at], {}, 0, {}} : *known;
  }
  if (out.expected && out.got) {
    out.gap = gap_between(top, out.got->token, out.expected->token);
    out.reference_gap = gap_between(reference_top, out.expected->token, out.got->token);
  }
  return out;
}

std::vector<TopTokens> top_tokens_of(const Answer& answer) {
  std::vector<TopTokens> all;
  for (const TokenLogprob& token : answer.logprobs) all.push_back(token.top);
  return all;
}

std::string describe(const std::optional<TokenLogprob>& token) {
  if (!token) return "the end";
  if (is_valid_utf8(token->bytes)) return fmt::format("{} {:?}", token->token, token->bytes);
  std::string hex;
  for (const char byte : token->bytes)
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return fmt::format("{} 0x{}", token->token, hex);
}

std::string describe(const Divergence& divergence) {
  return fmt::format("token {} is {}, expected {} (gap {}, in the reference {})",
                     divergence.position, describe(divergence.got), describe(divergence.expected),
                     shown(divergence.gap), shown(divergence.reference_gap));
}

}  // namespace tenfold
