// What a model is and needs, and which engines can run it, before anything is loaded.
#pragma once

#include <filesystem>

#include "engine/json.h"
#include "models/store.h"

namespace tenfold {

/// Reads headers only, in a locked child; see describe_untrusted(). `context`: tokens for which the
/// memory is estimated; 0: the default. `settings`: how the user's own sample, for the values under
/// "sampling" and where they come from.
Result<Json> inspect_model(ModelStore& store, const std::filesystem::path& path,
                           std::int64_t context, const Sampling& settings);

}  // namespace tenfold
