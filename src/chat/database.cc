#include "chat/database.h"

#include <sqlite3.h>

#include <tuple>

namespace tenfold {
namespace {

constexpr int busy_milliseconds = 5000;

Error database_error(sqlite3* connection) {
  const char* file = sqlite3_db_filename(connection, "main");
  const std::string message = std::string("the conversations in ") +
                              (file != nullptr ? file : "memory") + ": " +
                              sqlite3_errmsg(connection);
  if ((sqlite3_errcode(connection) & 0xFF) == SQLITE_FULL) {
    return fail(ErrorCode::disk_full, message, "free some space");
  }
  return fail(ErrorCode::io, message, "check the file, or move it away to start anew");
}

}  // namespace

Statement::Statement(sqlite3_stmt* statement) : statement_(statement, &sqlite3_finalize) {}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), next_++, value);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  sqlite3_bind_text64(statement_.get(), next_++, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_error(sqlite3_db_handle(statement_.get()));
}

Result<void> Statement::run() {
  TRY(step());
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Database::Database(sqlite3* connection) : connection_(connection, &sqlite3_close) {}

Result<Database> Database::open(const std::string& path) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(connection);
  if (connection == nullptr) return fail(ErrorCode::out_of_memory, "no memory for SQLite");
  if (code != SQLITE_OK) {
    return fail(ErrorCode::io,
                "cannot open the conversations in " + path + ": " + sqlite3_errmsg(connection),
                "check the file and its folder");
  }
  sqlite3_busy_timeout(connection, busy_milliseconds);
  TRY(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"));
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return database_error(connection_.get());
  return Statement(statement);
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return {};
  }
  return database_error(connection_.get());
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (database_ != nullptr) std::ignore = database_->execute("ROLLBACK");
}

}  // namespace tenfold
