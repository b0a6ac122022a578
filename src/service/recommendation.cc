#include "service/recommendation.h"

#include <algorithm>

#include "engine/sampling.h"
#include "models/catalogue.h"

namespace tenfold {
namespace {

bool is_entry_of(const CatalogueModel& entry, const StoredModel& stored) {
  if (entry.sha256.empty()) {
    return stored.origin == ModelOrigin::pulled && stored.name == entry.name;
  }
  return std::ranges::any_of(stored.files,
                             [&](const StoredFile& file) { return file.sha256 == entry.sha256; });
}

/// The user's catalogues come first. One that cannot be read is reported where models are listed.
Sampling of_catalogues(const StoredModel& stored) {
  Sampling sampling;
  const auto loaded = load_catalogue();
  const Catalogue& catalogue = loaded.ok() ? *loaded : built_in_catalogue();
  for (auto entry = catalogue.models.rbegin(); entry != catalogue.models.rend(); ++entry) {
    if (is_entry_of(*entry, stored)) fill_sampling(sampling, entry->sampling);
  }
  return sampling;
}

}  // namespace

Sampling recommended_sampling(const ModelDescription& model, const StoredModel* stored) {
  Sampling sampling;
  if (stored != nullptr) sampling = of_catalogues(*stored);
  fill_sampling(sampling, model.sampling);
  return sampling;
}

}  // namespace tenfold
