#include "generation/top_tokens.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace tenfold {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

Error bad_logit(std::span<const float> row) {
  const auto bad = std::find_if(row.begin(), row.end(), [](float x) { return !(x < infinity); });
  return fail(ErrorCode::internal,
              "the engine computed " + std::string(std::isnan(*bad) ? "NaN" : "+infinity") +
                  " as the logit of token " + std::to_string(bad - row.begin()),
              "the model file may be damaged, or its numbers overflow in this engine: try another "
              "quantization or engine");
}

}  // namespace

Result<float> highest_logit(std::span<const float> row) {
  // Independent lanes, so that the compiler may use vector instructions without reordering floats.
  constexpr std::size_t lanes = 16;
  std::array<float, lanes> highest;
  std::array<int, lanes> bad{};
  highest.fill(-infinity);
  const auto look = [&](std::size_t lane, float x) {
    highest[lane] = x > highest[lane] ? x : highest[lane];
    bad[lane] |= x < infinity ? 0 : 1;
  };
  std::size_t i = 0;
  for (; i + lanes <= row.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) look(lane, row[i + lane]);
  }
  for (; i < row.size(); ++i) look(0, row[i]);
  if (std::any_of(bad.begin(), bad.end(), [](int b) { return b != 0; })) return bad_logit(row);
  return *std::max_element(highest.begin(), highest.end());
}

void select_top_tokens(std::span<const float> row, int count, std::vector<TokenLogit>& best) {
  best.clear();
  if (count <= 0) return;
  const auto wanted = static_cast<std::size_t>(count);
  const std::size_t capacity = std::min(row.size(), 2 * wanted + 64);
  best.reserve(capacity);
  // What does not beat the wanted-th of those seen cannot be among the result. Ids ascend, so an
  // equal logit comes too late as well.
  float threshold = -infinity;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!(row[i] > threshold)) continue;
    best.push_back({static_cast<TokenId>(i), row[i]});
    if (best.size() < capacity || best.size() <= wanted) continue;
    const auto last = best.begin() + count - 1;
    std::nth_element(best.begin(), last, best.end(), is_more_likely);
    threshold = last->logit;
    best.resize(wanted);
  }
  const auto kept = std::min(best.size(), wanted);
  const auto end = best.begin() + static_cast<std::ptrdiff_t>(kept);
  std::nth_element(best.begin(), end, best.end(), is_more_likely);
  best.resize(kept);
  std::sort(best.begin(), best.end(), is_more_likely);
}

}  // namespace tenfold
