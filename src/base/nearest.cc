#include "base/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace tenfold {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  constexpr std::size_t longest = 64;
  const std::string a = lower_case(left.substr(0, longest));
  const std::string b = lower_case(right.substr(0, longest));
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view nearest(std::string_view text, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = text.size() / 3 + 1;
  for (const std::string_view name : known) {
    const std::size_t distance = edit_distance(text, name);
    if (distance >= least || distance >= name.size()) continue;
    least = distance;
    best = name;
  }
  return best;
}

std::string did_you_mean(std::string_view text, std::span<const std::string_view> known,
                         std::string otherwise) {
  const std::string_view name = nearest(text, known);
  return name.empty() ? std::move(otherwise) : fmt::format("did you mean {}?", name);
}

}  // namespace tenfold
