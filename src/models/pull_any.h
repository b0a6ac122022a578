// A pull from any source: what `tenfold pull` does.
#pragma once

#include "models/catalogue.h"
#include "models/pull_options.h"
#include "models/pull_plan.h"
#include "models/store.h"
#include "tenfold/result.h"

namespace tenfold {

struct Pulled {
  StoredModel model;
  bool downloaded = false;  ///< false: it was there already
};

/// Makes the model one of the store: plans the files, fetches what is missing, checks all, moves
/// them into place and adds the entry last. What came is kept when it fails or is cancelled, and
/// the next pull goes on from there. Any number of threads and processes may pull at once; two
/// pulls of one model wait for each other. Errors: those of plan_pull(), download_file(),
/// fetch_files() and fetch_wheels(); cancelled; invalid_argument when another model of the store
/// has the name.
Result<Pulled> pull_any(const CatalogueModel& model, const PullOptions& options,
                        const std::function<void(const PullProgress&)>& on_progress);

}  // namespace tenfold
