// A request for an answer, the deltas that stream back, and the finished answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/prompt.h"

namespace tenfold {

/// How the next token is chosen. What is absent was not given: then the user's settings, the
/// model's own recommendation and last Tenfold's defaults decide (engine/sampling.h). The order in
/// which the values act is documented in src/generation/sampler.h.
struct Sampling {
  std::optional<double> temperature;        ///< 0: greedy
  std::optional<int> top_k;                 ///< 0: off
  std::optional<double> top_p;              ///< 1: off
  std::optional<double> min_p;              ///< 0: off
  std::optional<double> repeat_penalty;     ///< 1: off
  std::optional<double> presence_penalty;   ///< 0: off
  std::optional<double> frequency_penalty;  ///< 0: off
  std::optional<int> penalty_window;        ///< tokens the penalties look back at; -1: all
  std::optional<std::uint64_t> seed;        ///< absent: at random, and reported in the Answer
  std::map<TokenId, double> logit_bias;     ///< added to the logits; -infinity bans a token
  bool operator==(const Sampling&) const = default;
};

/// Restricts the answer to a language.
struct Constraint {
  enum class Kind { none, json_schema, regex, lark };
  Kind kind = Kind::none;
  std::string text;  ///< the schema (JSON text), the regular expression, or the Lark grammar
  bool operator==(const Constraint&) const = default;
};

/// Whether the answer to a conversation with tools calls them. `none`: the model sees the tools, so
/// that the cached prompt stays the same, but what it writes is text, whatever it looks like.
struct ToolChoice {
  enum class Kind {
    automatic,  ///< the model decides
    none,       ///< it does not
    required,   ///< it calls at least one tool, and writes nothing else after its reasoning
    named,      ///< it calls the tool `name`, likewise
  };
  Kind kind = Kind::automatic;
  std::string name = {};
  bool operator==(const ToolChoice&) const = default;
};

/// Whether and how long a model that thinks before it answers does so. Without any, as its template
/// has it.
struct Thinking {
  enum class Mode { automatic, on, off };
  Mode mode = Mode::automatic;
  std::string effort = {};         ///< "low", "high" and the like, for templates that know it
  std::optional<int> budget = {};  ///< tokens; after them the thought is ended, not the answer
  bool operator==(const Thinking&) const = default;
};

struct Request {
  Prompt prompt;
  Sampling sampling;
  std::optional<int> max_tokens;  ///< absent: until the model stops or the context is full
  std::vector<std::string> stop;  ///< of the answer's text; never part of it
  std::optional<int> logprobs;    ///< absent: none; n: chosen token plus the n most likely (<= 20)
  Constraint constraint;          ///< of the answer's text; calls of tools follow their own form
  Thinking thinking;
  ToolChoice tool_choice;
  bool parallel_tool_calls = true;                    ///< whether one answer may call several tools
  std::optional<std::chrono::milliseconds> deadline;  ///< from the start of the call
  /// The first tokens of this answer, generated and sent before, for example by a worker that died.
  /// The answer goes on after them as it would have there (give the same seed): they are in its
  /// text and tokens and count for max_tokens, but on_delta and logprobs have the new ones alone.
  std::vector<TokenId> answered;
  bool ignore_end = false;        ///< keep generating past the model's end tokens (benchmarks)
  bool allow_repetition = false;  ///< go on with an answer that repeats itself without end
  /// Put the thought into `reasoning`. Without, it is part of the text, and stop strings and the
  /// constraint count in it, too.
  bool split_reasoning = true;
};

struct TokenLogprob {
  TokenId token = 0;  ///< no_token from an engine that gives no ids
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
  std::vector<TokenLogprob> logprobs;     ///< some engines know them at the end of an answer only
  std::vector<ToolCall> tool_calls = {};  ///< whole calls, each as soon as it is complete
};

enum class FinishReason {
  stop,          ///< the model ended its turn
  length,        ///< max_tokens reached
  stop_string,   ///< a stop string appeared
  cancelled,     ///< by the stop token or cancel()
  deadline,      ///< the request's deadline ran out
  tool_call,     ///< the model ended its turn with calls of tools
  context_full,  ///< no room left in the context
  engine_died,   ///< the worker process ended mid-answer
  repetition,    ///< the same tokens came over and over, and nothing else would have
};
std::string_view to_string(FinishReason reason);

struct Usage {
  int prompt_tokens = 0;                ///< tokens of the rendered prompt
  int cached_tokens = 0;                ///< of these and answered_tokens, reused from the KV cache
  int generated_tokens = 0;             ///< including the token that ended the turn
  int dropped_tokens = 0;               ///< always 0 unless a named policy dropped some
  double ttft_seconds = 0;              ///< from the call to the first generated token
  double prefill_seconds = 0;           ///< until all of these but cached_tokens were evaluated
  double decode_seconds = 0;            ///< from the first token generated by this call to the last
  std::uint64_t peak_memory_bytes = 0;  ///< peak resident set of the process that ran the model
  int answered_tokens = 0;              ///< of generated_tokens: those of Request::answered
  int thought_tokens = 0;               ///< of generated_tokens: those of the thought and its marks

  [[nodiscard]] double prefill_tokens_per_second() const;
  /// Over the intervals between the tokens this call generated; 0 when there are none.
  [[nodiscard]] double decode_tokens_per_second() const;
};

struct Answer {
  std::string text;
  std::string reasoning;
  std::vector<TokenId> tokens;         ///< generated ids, including the one that ended the turn
  std::vector<TokenLogprob> logprobs;  ///< empty unless asked for
  std::vector<ToolCall> tool_calls;    ///< in the order written; their text is not in `text`
  FinishReason finish = FinishReason::stop;
  std::string stop_string;  ///< the one that matched, when finish is stop_string
  std::uint64_t seed = 0;   ///< the seed that was used
  Usage usage;
};

/// Called for each delta on the thread that called stream(). Must not call back into the engine,
/// except for Engine::cancel().
using OnDelta = std::function<void(const Delta&)>;

}  // namespace tenfold
