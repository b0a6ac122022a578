// Calls on a TokenModel as the tests of engines make them.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "tenfold/token_model.h"

namespace tenfold {

/// The rows of logits after appending `tokens` to sequence 0; empty, failing the test, on an error.
inline std::vector<float> logits(TokenModel& model, std::span<const TokenId> tokens,
                                 bool all_positions = false) {
  const Chunk chunk{0, tokens, all_positions};
  const auto rows = model.evaluate({&chunk, 1});
  EXPECT_TRUE(rows.ok()) << rows.error().message;
  if (!rows.ok()) return {};
  return {rows->begin(), rows->end()};
}

}  // namespace tenfold
