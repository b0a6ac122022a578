// A pull from any source: what `tenfold pull` does.
#pragma once

#include "models/fetch_files.h"
#include "models/pull.h"

namespace tenfold {

struct Pulled {
  StoredModel model;
  bool downloaded = false;  ///< false: it was there already
};

/// Makes the model one of the store: plans the files, fetches what is missing, checks all, moves
/// them into place and adds the entry last. What came is kept when it fails or is cancelled, and
/// the next pull goes on from there; two pulls of one model wait for each other. Errors: those of
/// plan_pull(), download_file(), fetch_files() and pull_model(); invalid_argument when another
/// model of the store has the name.
Result<Pulled> pull_any(const CatalogueModel& model, const PullOptions& options,
                        const std::function<void(const PullProgress&)>& on_progress);

}  // namespace tenfold
