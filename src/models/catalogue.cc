#include "models/catalogue.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/files.h"
#include "base/paths.h"
#include "engine/table.h"
#include "models/catalogue_reader.h"

namespace tenfold {

extern const std::string_view catalogue_json;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_catalogue = 4 << 20;

Result<std::vector<fs::path>> user_catalogues() {
  const fs::path folder = config_folder() / "catalogues";
  std::vector<fs::path> files;
  std::error_code error;
  if (!fs::exists(folder, error)) return files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".json") files.push_back(at->path());
  }
  if (error) return file_error(folder, "read", error.value());
  std::ranges::sort(files);
  return files;
}

}  // namespace

const CatalogueModel* Catalogue::find(std::string_view name) const {
  const auto found = std::ranges::find(models, name, &CatalogueModel::name);
  return found == models.end() ? nullptr : &*found;
}

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    Result<Catalogue> parsed = parse_catalogue(catalogue_json, "catalogue.json");
    // The embedded text is checked by a test, so this cannot happen in a program that was built.
    if (!parsed.ok()) std::abort();
    return std::move(parsed).value();
  }();
  return catalogue;
}

Result<Catalogue> load_catalogue() {
  Catalogue all = built_in_catalogue();
  for (const fs::path& file : TRY(user_catalogues())) {
    Catalogue more = TRY(parse_catalogue(TRY(read_file(file, largest_catalogue)), file.string()));
    for (CatalogueModel& model : more.models) {
      if (const CatalogueModel* other = all.find(model.name)) {
        return fail(ErrorCode::invalid_argument,
                    file.string() + ": the name " + model.name + " is taken by " +
                        (other->origin.empty() ? "the built-in catalogue" : other->origin),
                    "give the model another name in that file");
      }
      model.origin = file.string();
      all.models.push_back(std::move(model));
    }
  }
  return all;
}

std::optional<std::uint64_t> memory_need(const CatalogueModel& model) {
  if (std::holds_alternative<SystemSource>(model.source)) return 0;
  if (model.memory) return model.memory;
  const auto bytes = model.bytes ? model.bytes : model.approximate_bytes;
  if (!bytes) return std::nullopt;
  return *bytes + *bytes / 4 + (std::uint64_t{64} << 20);
}

bool is_model_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name[0] == '.' || name[0] == '-') return false;
  return std::ranges::all_of(name, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '.' || letter == '_' || letter == '-';
  });
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > 1000) return false;
  const auto is_bad = [](unsigned char letter) {
    return letter < 0x20 || letter == 0x7f || letter == '\\';
  };
  if (std::ranges::any_of(path, is_bad) || !is_valid_utf8(path)) return false;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace tenfold
