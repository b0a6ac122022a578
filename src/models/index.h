// The index as SQLite has it: opening the file, and its two tables. For the store.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/database.h"
#include "models/store.h"

namespace tenfold {

/// models_folder()/index.db
std::filesystem::path index_path();

/// Which file a path names, whatever it is called.
using FileId = std::pair<std::uint64_t, std::uint64_t>;
/// {0, 0} where there is none.
FileId file_id(const std::filesystem::path& path);

/// Checks, repairs or makes the file; see ModelStore.
Result<Database> open_index();

/// The operations of ModelStore on an open index. Not thread-safe.
class IndexTables {
 public:
  explicit IndexTables(Database& database) : database_(database) {}

  Result<std::vector<StoredModel>> list();
  Result<std::optional<StoredModel>> find(std::string_view name);
  Result<std::optional<StoredModel>> find_path(const std::filesystem::path& path);
  Result<void> add(const StoredModel& model);
  Result<void> require_free(std::string_view name, const std::filesystem::path& path);
  Result<std::string> unused_name(std::string_view text);
  Result<void> remove(std::string_view name);
  Result<void> set_hash(std::string_view name, const std::filesystem::path& file,
                        const std::string& sha256);

 private:
  Result<std::vector<StoredModel>> select(std::string_view condition, std::string_view value);
  Database& database_;
};

}  // namespace tenfold
