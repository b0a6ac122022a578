// Whether an engine's answers depend on what it was asked before: they must not.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tenfold/engine.h"

namespace tenfold {

/// Asks `prompt` with an empty cache, and again: at once, after a longer prompt (rewind), and after
/// its own beginnings, one longer than the other (prefill in pieces); and a longer prompt with this
/// one cached (prefix reuse) and without. Returns what differed from the answer of the empty cache,
/// one sentence each. Engines round differently for one token than for many, so where two tokens
/// are nearly as likely, either may come: their log-probabilities may move by 0.5 against each
/// other. The prompt needs 8 tokens or more; the context must hold it, `max_tokens` twice and 16
/// tokens. cancelled by `stop`.
Result<std::vector<std::string>> check_state(Engine& engine, std::span<const TokenId> prompt,
                                             std::size_t max_tokens, std::stop_token stop = {});

}  // namespace tenfold
