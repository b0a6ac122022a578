#include "bench/history.h"

#include <array>
#include <filesystem>

#include "base/files.h"

namespace tenfold {
namespace {

constexpr std::array<const char*, 1> schema{
    "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL);"};

Error not_here(std::int64_t id) {
  return fail(ErrorCode::not_found, "there is no benchmark " + std::to_string(id),
              "list those that are here");
}

}  // namespace

Result<BenchHistory> BenchHistory::open(const std::string& path) {
  TRY(make_folder(std::filesystem::path(path).parent_path()));
  Database database = TRY(Database::open(path));
  TRY(database.make_tables(schema));
  return BenchHistory(std::move(database));
}

Result<std::int64_t> BenchHistory::add() {
  Statement insert = TRY(database_.prepare("INSERT INTO runs (run) VALUES ('{}')"));
  TRY(insert.run());
  return database_.last_row();
}

Result<void> BenchHistory::save(std::int64_t id, const Json& run) {
  Statement update = TRY(database_.prepare("UPDATE runs SET run = ? WHERE id = ?"));
  return update.bind(run.dump(-1, ' ', false, Json::error_handler_t::replace)).bind(id).run();
}

Result<Json> BenchHistory::find(std::int64_t id) {
  Statement row = TRY(database_.prepare("SELECT run FROM runs WHERE id = ?"));
  if (!TRY(row.bind(id).step())) return not_here(id);
  Json run = Json::parse(row.text(0), nullptr, false);
  if (!run.is_object() || !run.contains("id")) return not_here(id);
  return run;
}

Result<std::vector<Json>> BenchHistory::list() {
  Statement rows = TRY(database_.prepare("SELECT run FROM runs ORDER BY id DESC"));
  std::vector<Json> runs;
  while (TRY(rows.step())) {
    Json run = Json::parse(rows.text(0), nullptr, false);
    if (run.is_object() && run.contains("id")) runs.push_back(std::move(run));
  }
  return runs;
}

Result<void> BenchHistory::remove(std::int64_t id) {
  Statement remove = TRY(database_.prepare("DELETE FROM runs WHERE id = ?"));
  TRY(remove.bind(id).run());
  if (database_.changed_rows() == 0) return not_here(id);
  return {};
}

}  // namespace tenfold
