// Whether a model of a catalogue will run here, as far as that is known before it is downloaded.
#pragma once

#include <string>

#include "engine/json.h"
#include "models/catalogue.h"
#include "models/store.h"

namespace tenfold {

enum class Prospect {
  verified,    ///< a small model in the same form ran (docs/catalogue.md)
  unverified,  ///< nobody has tried a file of this form
  cannot_run   ///< no engine of this version runs the form, or none for it is installed
};

struct Outlook {
  Prospect prospect = Prospect::unverified;
  std::string day;      ///< of `verified`: when it ran
  std::string why;      ///< of `cannot_run`: a clause
  std::string instead;  ///< of `cannot_run`: what to do, in words; may be empty
};

/// Looks for the workers of engines on disk. Thread-safe.
Outlook outlook(const CatalogueModel& model);

/// "does not run here: …", with what to do; of `cannot_run` alone.
std::string cannot_run_text(const Outlook& outlook);

/// What happened, and what to do.
std::string clause(const Error& error);

/// Why a model of the store does not run now, as a clause: a file is gone, or its engine is not
/// installed; empty if it does. What its engine needs was checked when it was added; of one that
/// was_found_again(), it is now.
std::string why_not_here(const StoredModel& model);

/// to_json() of it, with "why_not": that clause or null.
Json listed(const StoredModel& model);

/// {"state", "day", "why", "instead"}, null for what does not apply.
Json to_json(const Outlook& outlook);

/// A sentence for one who is about to download it; empty where there is nothing to warn of. That
/// nobody has tried its form is said of models of the built-in catalogue alone.
std::string download_warning(const CatalogueModel& model);

}  // namespace tenfold
