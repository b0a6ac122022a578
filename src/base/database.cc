#include "base/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cctype>
#include <tuple>

namespace tenfold {
namespace {

constexpr int busy_milliseconds = 5000;

Error database_error(sqlite3* connection) {
  const char* file = sqlite3_db_filename(connection, "main");
  const std::string message = std::string("the database ") +
                              (file != nullptr ? file : "in memory") + ": " +
                              sqlite3_errmsg(connection);
  if ((sqlite3_errcode(connection) & 0xFF) == SQLITE_FULL) {
    return fail(ErrorCode::disk_full, message, "free some space");
  }
  return fail(ErrorCode::io, message, "check the file, or move it away to start anew");
}

Error cannot_open(const std::string& path, sqlite3* connection) {
  if (connection == nullptr) return fail(ErrorCode::out_of_memory, "no memory for SQLite");
  return fail(ErrorCode::io, "cannot open the database " + path + ": " + sqlite3_errmsg(connection),
              "check the file and its folder");
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

Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_.get(), next_++);
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

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
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
  if (code != SQLITE_OK) return cannot_open(path, connection);
  sqlite3_busy_timeout(connection, busy_milliseconds);
  TRY(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"));
  return database;
}

Result<Database> Database::open_unchanging(const std::string& path) {
  // Without "immutable", SQLite has to make a file beside the database to read its log.
  std::string uri = "file:";
  for (const char letter : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '/';
    uri +=
        plain ? std::string(1, letter) : fmt::format("%{:02x}", static_cast<unsigned char>(letter));
  }
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2((uri + "?immutable=1").c_str(), &connection,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  Database database(connection);
  if (code != SQLITE_OK) return cannot_open(path, connection);
  return database;
}

bool Database::found_damage() const {
  const int code = sqlite3_errcode(connection_.get()) & 0xFF;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

bool Database::is_damaged(const std::string& path) {
  sqlite3* connection = nullptr;
  sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr);
  const Database database(connection);
  sqlite3_busy_timeout(connection, busy_milliseconds);
  sqlite3_stmt* check = nullptr;
  sqlite3_prepare_v2(connection, "PRAGMA quick_check(1)", -1, &check, nullptr);
  const Statement statement(check);
  if (sqlite3_step(check) == SQLITE_ROW) return statement.text(0) != "ok";
  const int code = sqlite3_errcode(connection) & 0xFF;
  return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

void Database::abandon() {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<void> Database::make_tables(std::span<const char* const> steps) {
  const auto wanted = static_cast<std::int64_t>(steps.size());
  if (TRY(user_version()) == wanted) return {};
  // Inside the transaction, so that two programs started at once do not both make the tables.
  Transaction transaction = TRY(Transaction::begin(*this));
  const std::int64_t found = TRY(user_version());
  if (found > wanted) {
    return fail(ErrorCode::unsupported,
                fmt::format("the database {} was written by a newer Tenfold",
                            sqlite3_db_filename(connection_.get(), "main")),
                "update Tenfold, or move the file away");
  }
  for (const char* step : steps.subspan(static_cast<std::size_t>(found))) TRY(execute(step));
  TRY(execute(fmt::format("PRAGMA user_version = {}", wanted)));
  return transaction.commit();
}

Result<std::int64_t> Database::user_version() {
  Statement query = TRY(prepare("PRAGMA user_version"));
  TRY(query.step());
  return query.integer(0);
}

Result<void> Database::add_function(const char* name, std::string (*function)(std::string_view)) {
  const auto call = [](sqlite3_context* context, int, sqlite3_value** values) {
    const auto* text = static_cast<const char*>(sqlite3_value_blob(values[0]));
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    const auto bytes = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    const auto made = reinterpret_cast<std::string (*)(std::string_view)>(sqlite3_user_data(
        context))(bytes == 0 ? std::string_view() : std::string_view(text, bytes));
    sqlite3_result_text64(context, made.data(), made.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  };
  const int code = sqlite3_create_function_v2(
      connection_.get(), name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
      reinterpret_cast<void*>(function), call, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return database_error(connection_.get());
  return {};
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

std::int64_t Database::changed_rows() const { return sqlite3_changes(connection_.get()); }

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
