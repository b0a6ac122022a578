// Pieces of replies that OpenAI's APIs have in common.
#pragma once

#include <string>

#include "engine/json.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// "chatcmpl-" and 24 random hexadecimal digits.
std::string new_id(std::string_view prefix);

/// Seconds since 1970.
std::int64_t unix_time();

/// "stop", "length" or "tool_calls".
std::string_view finish_reason(FinishReason reason);

/// prompt_tokens and its details, completion_tokens, total_tokens.
Json usage_json(const Usage& usage);

/// Adds what one more choice generated; the prompt, which all have in common, counts once.
void add_choice(Usage& sum, const Usage& choice);

/// What OpenAI's API has no word for: engine, model file, exact finish, seed, speed.
Json details_json(const LoadedModel& model, const Answer& answer);

/// "logprobs.content"
Json logprobs_json(const std::vector<TokenLogprob>& logprobs);

/// "logprobs" of text completions. `offset` is the place in the answer, in characters, of the first
/// token's text; it moves on to the end of the last.
Json legacy_logprobs_json(const std::vector<TokenLogprob>& logprobs, std::size_t& offset);

}  // namespace tenfold::server
