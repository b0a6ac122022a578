#include "service/memory_need.h"

#include <algorithm>
#include <variant>

#include "formats/decoder_memory.h"

namespace tenfold {
namespace {

constexpr std::uint64_t unknown_buffers = std::uint64_t{256} << 20;

/// What the load says for the option of this kind; nullptr: nothing, or there is none.
const OptionValue* given(const LoadOptions& load, std::span<const OptionUse> uses,
                         OptionKind kind) {
  const auto use = std::ranges::find(uses, kind, &OptionUse::kind);
  if (use == uses.end()) return nullptr;
  const auto found = load.engine_options.find(std::string(use->name));
  return found == load.engine_options.end() ? nullptr : &found->second;
}

}  // namespace

int loaded_context(const ModelDescription& model, const LoadOptions& load) {
  if (load.context_size > 0) return load.context_size;
  constexpr std::int64_t most = LoadOptions::default_context;
  const std::int64_t trained = model.sizes.context;
  return static_cast<int>(trained > 0 ? std::min(trained, most) : most);
}

std::optional<MemoryEstimate> estimate_load(const ModelDescription& model, const LoadOptions& load,
                                            std::span<const OptionUse> uses) {
  if (!model.shape || model.weight_bytes == 0) return std::nullopt;
  if (model.format == "safetensors") {
    return estimate_decoder(model.weight_bytes, model.parameters, *model.shape,
                            decoder_load(load, loaded_context(model, load)));
  }
  CacheSettings cache;
  cache.key_type = cache.value_type = model.cache_type;
  cache.sequences = load.sequences;
  cache.context = loaded_context(model, load);
  const MemoryEstimate estimate = estimate_memory(model.weight_bytes, *model.shape, cache);
  const OptionValue* hosts = given(load, uses, OptionKind::hosts);
  if (hosts == nullptr || std::get<std::string>(*hosts).empty()) return estimate;
  const OptionValue* layers = given(load, uses, OptionKind::layers_on_hosts);
  return local_part(estimate, *model.shape,
                    layers == nullptr ? -1 : std::get<std::int64_t>(*layers));
}

std::uint64_t memory_need(const ModelDescription& model, const LoadOptions& load,
                          std::span<const OptionUse> uses) {
  if (const auto estimate = estimate_load(model, load, uses)) return estimate->total();
  return std::max(model.weight_bytes, model.bytes) / 4 * 5 + unknown_buffers;
}

}  // namespace tenfold
