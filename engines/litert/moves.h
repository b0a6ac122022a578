// Which step of a graph to run next.
#pragma once

#include "formats/litert_graph.h"

namespace tenfold::litert {

/// What to run next.
struct Move {
  const Step* step = nullptr;
  int tokens = 0;  ///< how many real tokens it takes; the rest of the step is padding
  int rows = 0;    ///< logits of its last `rows` tokens are asked for
};

/// The best next move for `remaining` tokens at `position`, where logits are wanted of all of them
/// or of the last only. A run costs its rows plus reading the weights, which weighs as much as 16
/// rows; the move with the most tokens for its cost wins. Padding must fit the cache as well.
Move next_move(const Graph& graph, int position, int remaining, bool all_rows);

}  // namespace tenfold::litert
