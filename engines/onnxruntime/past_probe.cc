// Whether a graph that goes on from others takes several tokens at once.
#include <algorithm>
#include <vector>

#include "onnx_decoder.h"

namespace tenfold::onnxruntime {
namespace {

constexpr std::size_t probed_tokens = 8;
// Of a row's own variance: what rounding to 8 bits leaves is far below, what a token makes of those
// that come after it is far above.
constexpr double most_difference = 0.01;

bool nearly_equal(std::span<const float> row, std::span<const float> expected) {
  double mean = 0;
  for (const float value : expected) mean += value;
  mean /= static_cast<double>(expected.size());
  double variance = 0;
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double own = expected[i] - mean;
    const double apart = static_cast<double>(row[i]) - static_cast<double>(expected[i]);
    variance += own * own;
    difference += apart * apart;
  }
  return difference <= most_difference * variance;
}

}  // namespace

/// The graph of decoder_with_past_model.onnx, and that branch of a merged one, was traced with one
/// token: its attention may lack the mask that hides later tokens from earlier ones, and the file
/// doesn't tell. So a few tokens are evaluated one by one and at once.
Result<bool> OnnxDecoder::takes_several_after_some() {
  const auto width = static_cast<std::size_t>(info_.vocabulary_size);
  const auto context = static_cast<std::size_t>(info_.context_size);
  const std::size_t count = std::min({probed_tokens, context, most_rows_ + 1});
  if (count < 3) return false;  // also of a graph that gives the last row only
  std::vector<TokenId> tokens;
  for (std::size_t i = 0; i < count; ++i) {
    tokens.push_back(static_cast<TokenId>((1 + 7 * i) % width));
  }
  std::vector<float> expected;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = TRY(run(static_cast<std::int64_t>(i), {&tokens[i], 1}, true));
    if (i > 0) expected.insert(expected.end(), row.begin(), row.end());
  }
  TRY(run(0, {tokens.data(), 1}, false));
  const auto rows = run(1, std::span<const TokenId>(tokens).subspan(1), true);
  if (!rows.ok()) return false;
  for (std::size_t at = 0; at < expected.size(); at += width) {
    if (!nearly_equal(rows->subspan(at, width), std::span(expected).subspan(at, width))) {
      return false;
    }
  }
  return true;
}

}  // namespace tenfold::onnxruntime
