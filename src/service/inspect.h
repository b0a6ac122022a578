// What a model is and needs, and which engines can run it, before anything is loaded.
#pragma once

#include <filesystem>
#include <span>

#include "engine/json.h"
#include "engine/sampling.h"
#include "models/store.h"

namespace tenfold {

/// Reads headers only, in a locked child; see describe_untrusted(). `context`: tokens for which the
/// memory is estimated; 0: the default. `layers`: how the user wants it sampled, the strongest
/// first, for the values under "sampling" and where they come from.
Result<Json> inspect_model(ModelStore& store, const std::filesystem::path& path,
                           std::int64_t context, std::span<const SamplingLayer> layers);

}  // namespace tenfold
