// Benchmarks of the past, in SQLite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/database.h"
#include "engine/json.h"

namespace tenfold {

/// Keeps runs as JSON objects with an "id". Not thread-safe; several processes may use one file.
class BenchHistory {
 public:
  static Result<BenchHistory> open(const std::string& path);

  /// Returns the new run's id.
  Result<std::int64_t> add();
  Result<void> save(std::int64_t id, const Json& run);
  /// not_found
  Result<Json> find(std::int64_t id);
  /// The latest first.
  Result<std::vector<Json>> list();
  /// not_found
  Result<void> remove(std::int64_t id);

 private:
  explicit BenchHistory(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace tenfold
