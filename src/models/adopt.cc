#include "models/adopt.h"

#include <cstdlib>

#include "models/model_files.h"
#include "models/place.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

/// The digest that content-addressed caches name a blob by.
std::string digest_in_name(const fs::path& blob) {
  std::string name = blob.filename().string();
  if (name.starts_with("sha256-")) name.erase(0, 7);
  const bool hex = name.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hex && name.size() == 64 ? name : std::string();
}

Result<StoredModel> model_found(const fs::path& path) {
  const DetectedModel detected = TRY(look_at_model(path));
  StoredModel model;
  model.format = detected.format;
  model.origin = ModelOrigin::adopted;
  model.files = TRY(files_of(detected));
  std::error_code error;
  for (StoredFile& file : model.files) {
    const fs::path blob = fs::canonical(file.path, error);
    if (!error) file.sha256 = digest_in_name(blob);
  }
  // One file is known by its own place, as in import_model().
  const bool single = model.files.size() == 1 && !fs::is_directory(detected.path, error);
  model.path = single ? fs::canonical(detected.path, error) : detected.path;
  if (single) model.files[0].path = model.path;
  return model;
}

}  // namespace

void look_at_found(const fs::path& path, const std::string& name, const std::string& program,
                   const std::string& source, FoundModels& found) {
  auto model = model_found(path);
  if (!model.ok()) {
    found.skipped.push_back({path, program, model.error().message});
    return;
  }
  model.value().name = clean_name(name);
  model.value().source = source;
  found.models.push_back(std::move(model).value());
}

fs::path home_folder() { return path_variable("HOME"); }

fs::path path_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

fs::path user_cache() {
  const fs::path cache = path_variable("XDG_CACHE_HOME");
  return cache.is_absolute() ? cache : home_folder() / ".cache";
}

FoundModels find_models_of_others() {
  FoundModels found;
  find_ollama_models(found);
  find_hub_models(found);
  find_folder_models(found);
  return found;
}

}  // namespace tenfold
