#include "models/rebuild.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "base/files.h"
#include "formats/model_path.h"
#include "models/catalogue.h"
#include "models/index.h"
#include "models/model_files.h"
#include "models/place.h"
#include "models/store.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr const char* schema = R"sql(
CREATE TABLE models (
  name TEXT PRIMARY KEY,
  format TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('pulled', 'imported', 'adopted')),
  source TEXT NOT NULL,
  licence TEXT NOT NULL,
  system TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  owned INTEGER NOT NULL,
  added INTEGER NOT NULL DEFAULT (unixepoch())
);
CREATE TABLE files (
  model TEXT NOT NULL REFERENCES models (name) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  modified INTEGER NOT NULL,
  PRIMARY KEY (model, position)
);
)sql";

/// What the catalogue knows of a file that has the name and the size of one of its models.
void describe_from_catalogue(StoredModel& model) {
  const CatalogueModel* known = built_in_catalogue().find(model.name);
  if (known == nullptr || model.files.size() != 1 || model.files[0].bytes != known->bytes) return;
  model.origin = ModelOrigin::pulled;
  model.source = "the catalogue";
  model.licence = known->licence;
  model.system = known->system;
  model.files[0].sha256 = known->sha256;
}

/// Nothing that is hidden, unfinished or the index itself.
bool may_be_model(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.starts_with('.') && !name.starts_with("index.db") &&
         name.find(".partial") == std::string::npos && path.extension() != ".json";
}

Result<StoredModel> model_at(const fs::path& place) {
  const DetectedModel detected = TRY(detect_model(place));
  StoredModel model;
  std::error_code error;
  const bool is_folder = fs::is_directory(place, error);
  model.name = clean_name((is_folder ? place.filename() : place.stem()).string());
  model.format = detected.format;
  model.origin = ModelOrigin::imported;
  model.source = models_folder().string();
  model.path = detected.path;
  model.owned = true;
  model.files = TRY(files_of(detected, OtherFiles::belong));
  describe_from_catalogue(model);
  return model;
}

std::vector<StoredModel> models_in_folder() {
  std::vector<StoredModel> models;
  std::error_code error;
  for (fs::directory_iterator at(models_folder(), error), end; !error && at != end;
       at.increment(error)) {
    if (!may_be_model(at->path())) continue;
    if (auto model = model_at(at->path()); model.ok()) models.push_back(std::move(model).value());
  }
  return models;
}

Result<void> set_aside() {
  const fs::path aside =
      index_path().string() + fmt::format(".damaged-{}", static_cast<long>(std::time(nullptr)));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    fs::rename(index_path().string() + suffix, aside.string() + suffix, error);
    if (error && *suffix == '\0') return file_error(index_path(), "rename", error.value());
  }
  fmt::print(stderr,
             "tenfold: the index of models was damaged; it is now {}\n"
             "A new one lists the models in {}. Models used in place are no longer known: run "
             "tenfold adopt, or tenfold import PATH\n",
             aside.string(), models_folder().string());
  return {};
}

bool index_is_good() {
  std::error_code error;
  const auto exists = [&] { return fs::exists(index_path(), error); };
  // What another process has set aside meanwhile looks as if it were not damaged.
  return exists() && !Database::is_damaged(index_path()) && exists();
}

}  // namespace

Result<void> make_index_tables(Database& database) { return database.make_tables({&schema, 1}); }

bool was_found_again(const StoredModel& model) { return model.source == models_folder().string(); }

Result<void> repair_index() {
  if (index_is_good()) return {};
  const FileLock lock = TRY(FileLock::acquire(models_folder() / ".index.lock", {}, {}));
  if (index_is_good()) return {};
  std::error_code error;
  if (fs::exists(index_path(), error)) TRY(set_aside());
  // Whoever finds an index must find a whole one.
  const fs::path fresh = models_folder() / ".index.new";
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(fresh.string() + suffix, error);
  {
    Database database = TRY(Database::open(fresh));
    TRY(make_index_tables(database));
    ModelStore store(std::move(database));
    for (StoredModel model : models_in_folder()) {
      model.name = TRY(store.unused_name(model.name));
      TRY(store.add(model));
    }
  }
  fs::rename(fresh, index_path(), error);
  if (error) return file_error(index_path(), "write", error.value());
  return sync_to_disk(models_folder());
}

}  // namespace tenfold
