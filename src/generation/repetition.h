// Whether an answer has come to say the same thing without end.
#pragma once

#include <cstddef>
#include <span>

#include "tenfold/prompt.h"

namespace tenfold {

/// An answer is looked at each time it has this many tokens more; a look takes linear time in at
/// most 2048 tokens, so each token about 32 steps.
constexpr std::size_t repetition_interval = 64;

/// Whether the answer ends in at least 512 tokens that are one and the same cycle, gone through at
/// least 8 times in a row. Lists, tables and code repeat themselves, but with something in each
/// round that is new, or not for so long. Cycles longer than 256 tokens are not seen.
bool repeats_endlessly(std::span<const TokenId> answer);

}  // namespace tenfold
