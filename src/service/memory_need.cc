#include "service/memory_need.h"

#include <algorithm>
#include <variant>

namespace tenfold {
namespace {

constexpr std::int64_t most_context = 8192;  // that an engine chooses by itself
constexpr std::uint64_t unknown_buffers = std::uint64_t{256} << 20;

}  // namespace

int loaded_context(const ModelDescription& model, const LoadOptions& load) {
  if (load.context_size > 0) return load.context_size;
  const std::int64_t trained = model.sizes.context;
  return static_cast<int>(trained > 0 ? std::min(trained, most_context) : most_context);
}

std::optional<MemoryEstimate> estimate_load(const ModelDescription& model,
                                            const LoadOptions& load) {
  if (!model.shape || model.weight_bytes == 0) return std::nullopt;
  CacheSettings cache;
  cache.key_type = cache.value_type = model.cache_type;
  cache.sequences = load.sequences;
  cache.context = loaded_context(model, load);
  const MemoryEstimate estimate = estimate_memory(model.weight_bytes, *model.shape, cache);
  if (!load.engine_options.contains("rpc")) return estimate;
  const auto remote = load.engine_options.find("rpc_layers");
  return local_part(
      estimate, *model.shape,
      remote == load.engine_options.end() ? -1 : std::get<std::int64_t>(remote->second));
}

std::uint64_t memory_need(const ModelDescription& model, const LoadOptions& load) {
  if (const auto estimate = estimate_load(model, load)) return estimate->total();
  return std::max(model.weight_bytes, model.bytes) / 4 * 5 + unknown_buffers;
}

}  // namespace tenfold
