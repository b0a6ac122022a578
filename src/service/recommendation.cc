#include "service/recommendation.h"

#include <algorithm>

#include "engine/sampling.h"
#include "formats/untrusted.h"
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

Sampling recommended_sampling(const std::filesystem::path& path) {
  const auto model = describe_untrusted(path);
  if (!model.ok()) return {};
  auto store = ModelStore::open();
  const auto stored = store.ok() ? store->find_path(path)
                                 : Result<std::optional<StoredModel>>(std::optional<StoredModel>());
  return recommended_sampling(*model, stored.ok() && *stored ? &**stored : nullptr);
}

}  // namespace tenfold
