// Log-probabilities of given tokens, and embeddings: what needs no sampling.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "generation/core_model.h"
#include "tenfold/engine.h"
#include "tenfold/result.h"

namespace tenfold {

/// See Engine::score(). Starts from an empty sequence; memory is bounded by 64 rows of logits.
Result<std::vector<double>> score_tokens(CoreModel& loaded, std::span<const TokenId> tokens,
                                         const Control& control);

/// See Engine::embed(). Special tokens written in the texts are plain text here.
Result<std::vector<Embedding>> embed_texts(CoreModel& loaded, std::span<const std::string> texts,
                                           const Control& control);

/// Makes the Euclidean norm 1. internal if it is 0 or not finite.
Result<void> normalize(std::vector<float>& vector);

}  // namespace tenfold
