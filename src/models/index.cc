#include "models/index.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "models/place.h"
#include "models/rebuild.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

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

fs::path index_path() { return models_folder() / "index.db"; }

FileId file_id(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

Result<Database> open_index() {
  const fs::path folder = models_folder();
  TRY(make_folder(folder));
  if (::access(folder.c_str(), W_OK) != 0) {
    std::error_code error;
    if (!fs::exists(index_path(), error)) return file_error(folder, "write to", EACCES);
    return Database::open_unchanging(index_path());
  }
  TRY(repair_index());
  Database database = TRY(Database::open(index_path()));
  TRY(make_index_tables(database));
  return database;
}

Result<std::vector<StoredModel>> IndexTables::select(std::string_view condition,
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

Result<std::vector<StoredModel>> IndexTables::list() { return select("?1 = ''", ""); }

Result<std::optional<StoredModel>> IndexTables::find(std::string_view name) {
  auto found = TRY(select("name = ?1", name));
  if (found.empty()) return std::optional<StoredModel>();
  return std::optional(std::move(found.front()));
}

Result<std::optional<StoredModel>> IndexTables::find_path(const fs::path& path) {
  auto found = TRY(select("models.path = ?1", portable(path)));
  if (found.empty()) return std::optional<StoredModel>();
  return std::optional(std::move(found.front()));
}

Result<void> IndexTables::require_free(std::string_view name, const fs::path& path) {
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

Result<std::string> IndexTables::unused_name(std::string_view text) {
  const std::string base = clean_name(text);
  std::string name = base;
  for (int number = 2; TRY(find(name)); ++number) name = fmt::format("{}-{}", base, number);
  return name;
}

Result<void> IndexTables::add(const StoredModel& model) {
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

Result<void> IndexTables::remove(std::string_view name) {
  TRY(TRY(database_.prepare("DELETE FROM models WHERE name = ?")).bind(name).run());
  if (database_.changed_rows() > 0) return {};
  return fail(ErrorCode::not_found, fmt::format("there is no model {} here", name),
              "run: tenfold list");
}

Result<void> IndexTables::set_hash(std::string_view name, const fs::path& file,
                                   const std::string& sha256) {
  return TRY(database_.prepare("UPDATE files SET sha256 = ? WHERE model = ? AND path = ?"))
      .bind(sha256)
      .bind(name)
      .bind(portable(file))
      .run();
}

}  // namespace tenfold
