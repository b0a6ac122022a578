// How much memory a model needs as it is to be loaded.
#pragma once

#include <optional>
#include <span>

#include "engine/table.h"
#include "formats/description.h"
#include "formats/estimate.h"
#include "tenfold/options.h"

namespace tenfold {

/// The context in tokens that an engine chooses for these options.
int loaded_context(const ModelDescription& model, const LoadOptions& load);

/// By parts, for an engine with these options; nothing where the format does not tell its shape.
std::optional<MemoryEstimate> estimate_load(const ModelDescription& model, const LoadOptions& load,
                                            std::span<const OptionUse> uses);

/// Bytes; where the shape is not known, the weights and a quarter more, and room for buffers.
std::uint64_t memory_need(const ModelDescription& model, const LoadOptions& load,
                          std::span<const OptionUse> uses);

}  // namespace tenfold
