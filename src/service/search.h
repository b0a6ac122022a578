// Which models of the catalogues somebody looks for, and how they are shown as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/catalogue.h"
#include "models/model_json.h"
#include "service/outlook.h"

namespace tenfold {

struct CatalogueQuery {
  std::vector<std::string> words;  ///< each stands somewhere in what is said of the model
  std::string engine;              ///< id; empty: any
  std::string format;              ///< empty: any
};

/// Any case of letters will do.
bool matches(const CatalogueModel& model, const CatalogueQuery& query);

/// Whether the model runs here, as its outlook says, and fits into the memory that is free now:
/// false where it cannot run, absent where its size is not known.
std::optional<bool> fits(const CatalogueModel& model, const Outlook& seen);

/// Every member but the exact source, with "engines", "memory", "fits" and "outlook".
Json to_json(const CatalogueModel& model);

}  // namespace tenfold
