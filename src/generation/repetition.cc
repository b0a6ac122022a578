#include "generation/repetition.h"

#include <algorithm>
#include <vector>

namespace tenfold {
namespace {

constexpr std::size_t least_tokens = 512;
constexpr std::size_t least_rounds = 8;
constexpr std::size_t window = 2048;

}  // namespace

// The prefix function of Knuth, Morris and Pratt ("Fast pattern matching in strings", 1977), of the
// tokens from the last to the first: where a stretch that long has a border of length b, it is a
// cycle of length minus b.
bool repeats_endlessly(std::span<const TokenId> answer) {
  const auto tail = answer.last(std::min(answer.size(), window));
  if (tail.size() < least_tokens) return false;
  const auto at = [&](std::size_t i) { return tail[tail.size() - 1 - i]; };
  std::vector<std::size_t> borders(tail.size(), 0);
  for (std::size_t i = 1; i < tail.size(); ++i) {
    std::size_t border = borders[i - 1];
    while (border > 0 && at(i) != at(border)) border = borders[border - 1];
    if (at(i) == at(border)) ++border;
    borders[i] = border;
    const std::size_t length = i + 1;
    if (length >= least_tokens && (length - border) * least_rounds <= length) return true;
  }
  return false;
}

}  // namespace tenfold
