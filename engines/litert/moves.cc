#include "moves.h"

#include <algorithm>

namespace tenfold::litert {
namespace {

constexpr int weights_cost = 16;

}  // namespace

Move next_move(const Graph& graph, int position, int remaining, bool all_rows) {
  Move best{&graph.decode, 1, all_rows || remaining == 1 ? 1 : 0};
  double best_value = 1.0 / (1 + weights_cost);
  for (const Step& step : graph.prefills) {
    if (position + step.length > graph.context) continue;
    const bool every_row = step.logit_rows == step.length;
    Move move{&step, std::min(step.length, remaining), 0};
    if (all_rows) {
      if (!every_row) continue;
      move.rows = move.tokens;
    } else if (move.tokens == remaining) {
      const bool gives_last = every_row || (step.logit_rows == 1 && step.length == remaining);
      if (gives_last) {
        move.rows = 1;
      } else if (--move.tokens == 0) {  // the last token is decoded
        continue;
      }
    }
    const double value = static_cast<double>(move.tokens) / (step.length + weights_cost);
    if (value > best_value) {
      best = move;
      best_value = value;
    }
  }
  return best;
}

}  // namespace tenfold::litert
