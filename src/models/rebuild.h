// The index as a file: its tables, and making it anew from the files of the store.
#pragma once

#include "base/database.h"
#include "models/store.h"
#include "tenfold/result.h"

namespace tenfold {

/// unsupported if a newer Tenfold made them.
Result<void> make_index_tables(Database& database);

/// Makes an index with an entry for each model under models_folder(), where there is no index or
/// only a damaged one; that one is renamed to index.db.damaged-TIME, which is said on standard
/// error. At most one process does so. models_folder() must exist.
Result<void> repair_index();

/// Whether the entry was made so: nobody saw then whether an engine could run the model, as they
/// did of every other.
bool was_found_again(const StoredModel& model);

}  // namespace tenfold
