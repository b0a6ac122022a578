// A thin layer over SQLite: statements that bind by position, and errors as Results.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenfold/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tenfold {

/// A prepared statement: bind, then step until it says false. Not thread-safe.
class Statement {
 public:
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view value);
  template <typename T>
  Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }

  /// Whether there is a row. io, or disk_full, with SQLite's message.
  Result<bool> step();
  /// step() for statements without rows.
  Result<void> run();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement);
  Statement& bind_null();
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
  int next_ = 1;
};

/// One connection, with foreign keys on and a write-ahead log that is synced at every commit.
class Database {
 public:
  /// Opens or makes the file; not a database, or not writable: io naming the file.
  static Result<Database> open(const std::string& path);
  /// Reads a file in a folder that cannot be written, where no process can be changing it.
  static Result<Database> open_unchanging(const std::string& path);
  /// Whether an existing file is no database, or one that fails SQLite's quick check. Waits for
  /// other users of the file; what cannot be read at all is left to open() to report.
  static bool is_damaged(const std::string& path);

  /// Runs those of `steps` that the file has not seen: the first makes the tables of a new file,
  /// each of the others changes what the one before it left. unsupported, naming the file, if a
  /// newer program took more steps.
  Result<void> make_tables(std::span<const char* const> steps);

  /// Statements may call `name`(TEXT); it must depend on its text alone. NULL stays NULL.
  Result<void> add_function(const char* name, std::string (*function)(std::string_view));

  /// `sql` is one statement of ours: preparing it cannot fail unless the schema is damaged.
  Result<Statement> prepare(std::string_view sql);
  /// Any number of statements without parameters.
  Result<void> execute(const std::string& sql);
  /// To be called before the end of a connection whose file is no longer the one of its name:
  /// SQLite would take away the log of that name, which is another database's.
  void abandon();
  [[nodiscard]] std::int64_t last_row() const;
  /// By the statement that ran last.
  [[nodiscard]] std::int64_t changed_rows() const;
  /// Whether what failed last did so because the file is damaged.
  [[nodiscard]] bool found_damage() const;

 private:
  explicit Database(sqlite3* connection);
  Result<std::int64_t> user_version();
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Result<void> commit();

  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace tenfold
