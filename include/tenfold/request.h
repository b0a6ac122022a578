// A request for an answer, the deltas that stream back, and the finished answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenfold {

using TokenId = std::int32_t;

struct Message {
  std::string role;  ///< "system", "user", "assistant" or "tool"
  std::string content;
  bool operator==(const Message&) const = default;
};

/// A conversation (rendered by the model's chat template), plain text (encoded as it is, with the
/// model's BOS rule), or token ids (used unchanged).
using Prompt = std::variant<std::vector<Message>, std::string, std::vector<TokenId>>;

/// Sampling parameters. The order in which they act is documented in src/generation/sampler.h.
struct Sampling {
  double temperature = 0.7;              ///< 0: greedy
  int top_k = 40;                        ///< 0: off
  double top_p = 0.95;                   ///< 1: off
  double min_p = 0.05;                   ///< 0: off
  double repeat_penalty = 1.0;           ///< 1: off
  double presence_penalty = 0.0;         ///< 0: off
  double frequency_penalty = 0.0;        ///< 0: off
  int penalty_window = 64;               ///< tokens looked back at by the penalties; -1: all
  std::optional<std::uint64_t> seed;     ///< absent: chosen at random and reported in the Answer
  std::map<TokenId, double> logit_bias;  ///< added to the logits; -infinity bans a token
};

/// Restricts the answer to a language.
struct Constraint {
  enum class Kind { none, json_schema, regex, lark };
  Kind kind = Kind::none;
  std::string text;  ///< the schema (JSON text), the regular expression, or the Lark grammar
};

struct Request {
  Prompt prompt;
  Sampling sampling;
  std::optional<int> max_tokens;  ///< absent: until the model stops or the context is full
  std::vector<std::string> stop;  ///< stop strings; never part of the answer
  std::optional<int> logprobs;    ///< absent: none; n: chosen token plus the n most likely (<= 20)
  Constraint constraint;
  std::optional<std::chrono::milliseconds> deadline;  ///< from the start of the call
  bool ignore_end = false;      ///< keep generating past the model's end tokens (benchmarks)
  bool split_reasoning = true;  ///< put <think>…</think> into `reasoning` instead of `text`
};

struct TokenLogprob {
  TokenId token = 0;
  std::string bytes;  ///< the token's bytes; may be part of a UTF-8 character
  double logprob =
      0;  ///< natural logarithm, of the model's distribution before sampling parameters
  std::vector<TokenLogprob> top;  ///< most likely first; empty inside `top`
};

/// What one step of an answer adds. Text is always whole UTF-8 characters.
struct Delta {
  std::string text;
  std::string reasoning;
  std::vector<TokenId> tokens;
  std::vector<TokenLogprob> logprobs;
};

enum class FinishReason {
  stop,          ///< the model ended its turn
  length,        ///< max_tokens reached
  stop_string,   ///< a stop string appeared
  cancelled,     ///< cancel() was called
  deadline,      ///< the request's deadline ran out
  tool_call,     ///< the model asked for a tool
  context_full,  ///< no room left in the context
  engine_died,   ///< the worker process ended mid-answer
};
std::string_view to_string(FinishReason reason);

struct Usage {
  int prompt_tokens = 0;                ///< tokens of the rendered prompt
  int cached_tokens = 0;                ///< of these, reused from the KV cache
  int generated_tokens = 0;             ///< including the token that ended the turn
  int dropped_tokens = 0;               ///< always 0 unless a named policy dropped some
  double ttft_seconds = 0;              ///< from the call to the first generated token
  double prefill_seconds = 0;           ///< spent evaluating prompt_tokens - cached_tokens
  double decode_seconds = 0;            ///< from the first generated token to the last
  std::uint64_t peak_memory_bytes = 0;  ///< peak resident set of the process that ran the model

  [[nodiscard]] double prefill_tokens_per_second() const;
  /// Over generated_tokens - 1 intervals; 0 when fewer than two tokens were generated.
  [[nodiscard]] double decode_tokens_per_second() const;
};

struct Answer {
  std::string text;
  std::string reasoning;
  std::vector<TokenId> tokens;         ///< generated ids, including the one that ended the turn
  std::vector<TokenLogprob> logprobs;  ///< empty unless asked for
  FinishReason finish = FinishReason::stop;
  std::string stop_string;  ///< the one that matched, when finish is stop_string
  std::uint64_t seed = 0;   ///< the seed that was used
  Usage usage;
};

/// Called for each delta on the thread that called stream(). Must not call back into the engine,
/// except for Engine::cancel().
using OnDelta = std::function<void(const Delta&)>;

}  // namespace tenfold
