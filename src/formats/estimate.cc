// The formula of estimate.h, in floating point so that nothing overflows.
#include "formats/estimate.h"

#include <algorithm>
#include <cmath>

#include "formats/gguf_types.h"

namespace tenfold {
namespace {

constexpr double program = 16.0 * 1024 * 1024;
constexpr double bytes_per_token = 160;
constexpr double bytes_per_merge = 140;

double element_bytes(const std::string& type) {
  const TensorEncoding* encoding = find_tensor_encoding(type);
  return encoding == nullptr ? 4.0 : static_cast<double>(encoding->bytes) / encoding->block;
}

double rounded_up(double tokens) { return std::ceil(tokens / 256) * 256; }

std::uint64_t bytes(double value) { return static_cast<std::uint64_t>(std::min(value, 9e18)); }

double cache_bytes(const ModelShape& shape, const CacheSettings& settings) {
  const double all = rounded_up(settings.context);
  const double windowed = rounded_up(std::min<double>(
      settings.context, static_cast<double>(shape.sliding_window) + settings.micro_batch));
  const double key = element_bytes(settings.key_type);
  const double value = element_bytes(settings.value_type);
  double per_sequence = static_cast<double>(shape.recurrent_bytes);
  for (const LayerShape& layer : shape.layers) {
    per_sequence +=
        (layer.windowed ? windowed : all) * (static_cast<double>(layer.key_elements) * key +
                                             static_cast<double>(layer.value_elements) * value);
  }
  return per_sequence * settings.sequences;
}

double compute_bytes(const ModelShape& shape, const CacheSettings& settings) {
  const double batch = std::min(settings.micro_batch, settings.context);
  const double width =
      4 * static_cast<double>(shape.embedding) + 2.5 * static_cast<double>(shape.feed_forward);
  const double mask = rounded_up(static_cast<double>(settings.context) * settings.sequences) * 2;
  const double logits = 2.0 * 4 * static_cast<double>(shape.vocabulary) * settings.sequences;
  return batch * (width * 4 + mask) + logits;
}

}  // namespace

MemoryEstimate estimate_memory(std::uint64_t weights, const ModelShape& shape,
                               const CacheSettings& settings) {
  MemoryEstimate estimate;
  estimate.weights = weights;
  estimate.cache = bytes(cache_bytes(shape, settings));
  estimate.compute = bytes(compute_bytes(shape, settings));
  estimate.overhead = bytes(program + bytes_per_token * static_cast<double>(shape.vocabulary) +
                            bytes_per_merge * static_cast<double>(shape.merges));
  return estimate;
}

MemoryEstimate local_part(const MemoryEstimate& whole, const ModelShape& shape,
                          std::int64_t remote) {
  const auto layers = static_cast<std::int64_t>(shape.layers.size());
  const std::int64_t kept =
      remote < 0 ? 0 : std::clamp<std::int64_t>(layers + 1 - remote, 0, layers);
  const double share = layers == 0 ? 1 : static_cast<double>(kept) / static_cast<double>(layers);
  MemoryEstimate local = whole;
  local.weights = bytes(static_cast<double>(whole.weights) * share);
  local.cache = bytes(static_cast<double>(whole.cache) * share);
  return local;
}

}  // namespace tenfold
