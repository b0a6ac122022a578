// The local model store: an index in SQLite of the models on this machine, whether Tenfold holds
// their files under models_folder() or uses them where another program or the user put them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/database.h"
#include "tenfold/result.h"

namespace tenfold {

struct StoredFile {
  std::filesystem::path path;  ///< absolute
  std::uint64_t bytes = 0;
  std::string sha256;         ///< lower-case hex; empty: not known yet
  std::int64_t modified = 0;  ///< when the content last changed, in nanoseconds since 1970
};

enum class ModelOrigin {
  pulled,    ///< downloaded by Tenfold
  imported,  ///< the user named it
  adopted,   ///< found where another program keeps its models
};
std::string_view to_string(ModelOrigin origin);
/// Its inverse; `imported` for a name this version does not know.
ModelOrigin origin_from(std::string_view name);

struct StoredModel {
  std::string name;    ///< see check_name()
  std::string format;  ///< as in the table of engines
  ModelOrigin origin = ModelOrigin::pulled;
  std::string source;          ///< URL, path or program it came from
  std::string licence;         ///< may be empty
  std::string system;          ///< system message it answers best with; may be empty
  std::filesystem::path path;  ///< what an engine opens: a file or a folder; absolute
  bool owned = false;          ///< the files lie under models_folder() and go with the entry
  std::vector<StoredFile> files;
  std::int64_t added = 0;  ///< seconds since 1970; set by add()

  [[nodiscard]] std::uint64_t bytes() const;
};

/// The first file that is gone or has another size than when it was added; nullptr if none.
const StoredFile* missing_file(const StoredModel& model);

/// The index of this machine's models. A process has one, which it opens once and hands to whoever
/// needs it: copies share the connection. Thread-safe; any number of processes may have the index
/// open.
///
/// It is opened by the first call that needs it, and made where it does not exist, as is
/// models_folder(); find() and find_path() make nothing. Opening checks the whole file, as does a
/// call that SQLite tells of damage: a damaged index is renamed and made anew from the files under
/// models_folder(), which is said on standard error. So is one that another process renamed. Where
/// the folder cannot be written, the store can be read only. Every call can fail with io, disk_full
/// or permission_denied, and with unsupported if a newer Tenfold wrote the index.
class ModelStore {
 public:
  ModelStore();
  /// Over an index that has its tables.
  explicit ModelStore(Database database);

  /// Opened, so that a fault is found now.
  static Result<ModelStore> open();

  /// By name.
  Result<std::vector<StoredModel>> list();
  Result<std::optional<StoredModel>> find(std::string_view name);
  /// The entry whose `path` this is.
  Result<std::optional<StoredModel>> find_path(const std::filesystem::path& path);

  /// Adds the model, durably, when its files are in place. An entry of the same name and path is
  /// replaced. invalid_argument if the name cannot be one, or the name or path is another entry's.
  Result<void> add(const StoredModel& model);
  /// add() would refuse it.
  Result<void> require_free(std::string_view name, const std::filesystem::path& path);
  /// `text` made a name that no entry has, if need be with a number at its end.
  Result<std::string> unused_name(std::string_view text);
  /// Drops the entry and leaves the files alone; not_found for an unknown name.
  Result<void> remove(std::string_view name);
  /// Records the digest of one of the model's files.
  Result<void> set_hash(std::string_view name, const std::filesystem::path& file,
                        const std::string& sha256);

 private:
  class Index;
  std::shared_ptr<Index> index_;
};

/// The file or folder for what the user named: a model of the store, or a path. not_found with what
/// to do otherwise; for a model of the catalogue that is to pull it.
Result<std::filesystem::path> find_model(ModelStore& store, std::string_view name_or_path);

}  // namespace tenfold
