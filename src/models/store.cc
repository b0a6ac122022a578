#include "models/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <numeric>

#include "base/files.h"
#include "models/catalogue.h"
#include "models/place.h"
#include "models/rebuild.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> origin_names{"pulled", "imported", "adopted"};

ModelOrigin origin_from(std::string_view name) {
  for (std::size_t i = 0; i < origin_names.size(); ++i) {
    if (origin_names[i] == name) return static_cast<ModelOrigin>(i);
  }
  return ModelOrigin::imported;
}

/// Paths below models_folder() are kept relative to it, so that TENFOLD_HOME can be moved.
std::string portable(const fs::path& path) {
  return place_of(path).empty()
             ? path.string()
             : path.lexically_normal().lexically_relative(models_folder()).string();
}

StoredModel read_model(const Statement& row, const fs::path& folder) {
  StoredModel model;
  model.name = row.text(0);
  model.format = row.text(1);
  model.origin = origin_from(row.text(2));
  model.source = row.text(3);
  model.licence = row.text(4);
  model.system = row.text(5);
  model.path = folder / row.text(6);
  model.owned = row.integer(7) != 0;
  model.added = row.integer(8);
  return model;
}

}  // namespace

std::string_view to_string(ModelOrigin origin) {
  return origin_names[static_cast<std::size_t>(origin)];
}

std::uint64_t StoredModel::bytes() const {
  return std::accumulate(
      files.begin(), files.end(), std::uint64_t{0},
      [](std::uint64_t sum, const StoredFile& file) { return sum + file.bytes; });
}

const StoredFile* missing_file(const StoredModel& model) {
  for (const StoredFile& file : model.files) {
    std::error_code error;
    if (fs::file_size(file.path, error) != file.bytes || error) return &file;
  }
  return nullptr;
}

Result<ModelStore> ModelStore::open() {
  const fs::path folder = models_folder();
  TRY(make_folder(folder));
  if (::access(folder.c_str(), W_OK) != 0) {
    std::error_code error;
    if (!fs::exists(index_path(), error)) return file_error(folder, "write to", EACCES);
    return ModelStore(TRY(Database::open_unchanging(index_path())));
  }
  TRY(repair_index());
  Database database = TRY(Database::open(index_path()));
  TRY(make_index_tables(database));
  return ModelStore(std::move(database));
}

Result<std::vector<StoredModel>> ModelStore::select(std::string_view condition,
                                                    std::string_view value) {
  Statement query = TRY(database_.prepare(
      fmt::format("SELECT name, format, origin, source, licence, system, models.path, owned, added,"
                  " files.path, bytes, sha256, modified FROM models"
                  " LEFT JOIN files ON files.model = name WHERE {} ORDER BY name, files.position",
                  condition)));
  query.bind(value);
  const fs::path folder = models_folder();
  std::vector<StoredModel> models;
  while (TRY(query.step())) {
    if (models.empty() || models.back().name != query.text(0)) {
      models.push_back(read_model(query, folder));
    }
    if (query.text(9).empty()) continue;
    models.back().files.push_back({folder / query.text(9),
                                   static_cast<std::uint64_t>(query.integer(10)), query.text(11),
                                   query.integer(12)});
  }
  return models;
}

Result<std::vector<StoredModel>> ModelStore::list() { return select("?1 = ''", ""); }

Result<std::optional<StoredModel>> ModelStore::find(std::string_view name) {
  auto found = TRY(select("name = ?1", name));
  if (found.empty()) return std::optional<StoredModel>();
  return std::optional(std::move(found.front()));
}

Result<std::optional<StoredModel>> ModelStore::find_path(const fs::path& path) {
  auto found = TRY(select("models.path = ?1", portable(path)));
  if (found.empty()) return std::optional<StoredModel>();
  return std::optional(std::move(found.front()));
}

Result<void> ModelStore::require_free(std::string_view name, const fs::path& path) {
  TRY(check_name(name));
  const auto same_name = TRY(find(name));
  if (same_name && same_name->path != path) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("there is already a model {}, {} from {}", name,
                            to_string(same_name->origin), same_name->source),
                fmt::format("choose another name, or run: tenfold rm {}", name));
  }
  const auto same_path = TRY(find_path(path));
  if (same_path && same_path->name != name) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is already here as {}", path.string(), same_path->name));
  }
  return {};
}

Result<std::string> ModelStore::unused_name(std::string_view text) {
  const std::string base = clean_name(text);
  std::string name = base;
  for (int number = 2; TRY(find(name)); ++number) name = fmt::format("{}-{}", base, number);
  return name;
}

Result<void> ModelStore::add(const StoredModel& model) {
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(require_free(model.name, model.path));
  TRY(TRY(database_.prepare("DELETE FROM models WHERE name = ?")).bind(model.name).run());
  TRY(TRY(database_.prepare(
              "INSERT INTO models (name, format, origin, source, licence, system, path, owned)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"))
          .bind(model.name)
          .bind(model.format)
          .bind(to_string(model.origin))
          .bind(model.source)
          .bind(model.licence)
          .bind(model.system)
          .bind(portable(model.path))
          .bind(std::int64_t{model.owned})
          .run());
  std::int64_t position = 0;
  for (const StoredFile& file : model.files) {
    TRY(TRY(database_.prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)"))
            .bind(model.name)
            .bind(position++)
            .bind(portable(file.path))
            .bind(static_cast<std::int64_t>(file.bytes))
            .bind(file.sha256)
            .bind(file.modified)
            .run());
  }
  return transaction.commit();
}

Result<void> ModelStore::remove(std::string_view name) {
  TRY(TRY(database_.prepare("DELETE FROM models WHERE name = ?")).bind(name).run());
  if (database_.changed_rows() > 0) return {};
  return fail(ErrorCode::not_found, fmt::format("there is no model {} here", name),
              "run: tenfold list");
}

Result<void> ModelStore::set_hash(std::string_view name, const fs::path& file,
                                  const std::string& sha256) {
  return TRY(database_.prepare("UPDATE files SET sha256 = ? WHERE model = ? AND path = ?"))
      .bind(sha256)
      .bind(name)
      .bind(portable(file))
      .run();
}

namespace {

/// Empty when the store has no such model.
Result<fs::path> path_in_store(std::string_view name) {
  std::error_code error;
  // Asking for a model must not make a store.
  if (!check_name(name).ok() || !fs::exists(models_folder(), error)) return fs::path();
  ModelStore store = TRY(ModelStore::open());
  const auto model = TRY(store.find(name));
  if (!model) return fs::path();
  const StoredFile* missing = missing_file(*model);
  if (missing == nullptr) return model->path;
  return fail(ErrorCode::not_found,
              fmt::format("{} of the model {} is gone, or has another size than when it was added",
                          missing->path.string(), name),
              fmt::format("put it back, or run: tenfold rm {}", name));
}

}  // namespace

Result<fs::path> resolve_model(std::string_view name_or_path) {
  if (fs::path stored = TRY(path_in_store(name_or_path)); !stored.empty()) return stored;
  if (const CatalogueModel* model = built_in_catalogue().find(name_or_path)) {
    return fail(ErrorCode::not_found, "the model " + model->name + " is not downloaded",
                "run: tenfold pull " + model->name);
  }
  fs::path path(name_or_path);
  std::error_code error;
  if (fs::exists(path, error)) return path;
  if (name_or_path.find('/') != std::string_view::npos) {
    return fail(ErrorCode::not_found, "there is no file " + path.string(), "check the path");
  }
  return fail(ErrorCode::not_found,
              "there is no model or file called \"" + std::string(name_or_path) + "\"",
              "run: tenfold list, for the names of models; or give the path of a model file");
}

}  // namespace tenfold
