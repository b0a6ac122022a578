// In floating point, so that nothing overflows.
#include "formats/decoder_memory.h"

#include <algorithm>
#include <string>
#include <variant>

namespace tenfold {
namespace {

constexpr double decoder_program = 19.0 * 1024 * 1024;
// Of a vocabulary, with the merges that make them: while a tokenizer.json is read, and after.
constexpr double bytes_per_read_entry = 1800;
constexpr double bytes_per_entry = 420;
constexpr double float_bytes = sizeof(float);

std::uint64_t whole_bytes(double value) {
  return static_cast<std::uint64_t>(std::min(value, 9e18));
}

/// Packed matrices keep their form but for scales and biases, an eighth of them or less.
double copied(double weights, double parameters) {
  const bool is_packed = weights * 8 < parameters * 15;
  return is_packed ? weights * 9 / 8 : std::max(weights, parameters * float_bytes);
}

}  // namespace

DecoderLoad decoder_load(const LoadOptions& load, std::int64_t context) {
  DecoderLoad chosen;
  chosen.context = context;
  const auto given = [&](const char* name) {
    const auto found = load.engine_options.find(name);
    return found == load.engine_options.end() ? nullptr : &found->second;
  };
  if (const OptionValue* chunk = given("prefill_chunk")) {
    if (const auto* count = std::get_if<std::int64_t>(chunk)) chosen.prefill_chunk = *count;
  }
  if (const OptionValue* kernels = given("kernels")) {
    const auto* name = std::get_if<std::string>(kernels);
    chosen.copies_weights = name != nullptr && *name == "stock";
  }
  return chosen;
}

ModelShape shape_of(const DecoderSpec& spec) {
  ModelShape shape;
  shape.trained_context = spec.context;
  shape.embedding = spec.hidden;
  shape.feed_forward = spec.feed_forward;
  shape.heads = spec.heads;
  shape.vocabulary = spec.vocabulary;
  const auto elements = std::int64_t{spec.cache_heads} * spec.head_size;
  shape.layers.assign(spec.layers.size(), {elements, elements, false});
  return shape;
}

MemoryEstimate estimate_decoder(std::uint64_t weights, std::uint64_t parameters,
                                const ModelShape& shape, const DecoderLoad& load) {
  const auto context = static_cast<double>(load.context);
  const auto tokens = static_cast<double>(std::min(load.prefill_chunk, load.context));
  double per_position = 0;
  for (const LayerShape& layer : shape.layers) {
    per_position += static_cast<double>(layer.key_elements + layer.value_elements);
  }
  double width =
      8 * static_cast<double>(shape.embedding) + 4 * static_cast<double>(shape.feed_forward);
  if (load.copies_weights) width += 2 * static_cast<double>(shape.heads) * context;
  const auto vocabulary = static_cast<double>(shape.vocabulary);
  MemoryEstimate estimate;
  estimate.weights =
      load.copies_weights
          ? whole_bytes(copied(static_cast<double>(weights), static_cast<double>(parameters)))
          : weights;
  estimate.cache = whole_bytes(per_position * float_bytes * context);
  estimate.compute = whole_bytes(float_bytes * (tokens * width + 2 * vocabulary));
  // The tokenizer is read before anything else is there.
  const double rest = static_cast<double>(estimate.weights) + static_cast<double>(estimate.cache) +
                      static_cast<double>(estimate.compute);
  estimate.overhead =
      whole_bytes(decoder_program +
                  std::max(bytes_per_entry * vocabulary, bytes_per_read_entry * vocabulary - rest));
  return estimate;
}

}  // namespace tenfold
