#include "models/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>

#include "base/nearest.h"
#include "models/catalogue.h"
#include "models/index.h"
#include "models/place.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> origin_names{"pulled", "imported", "adopted"};

}  // namespace

std::string_view to_string(ModelOrigin origin) {
  return origin_names[static_cast<std::size_t>(origin)];
}

ModelOrigin origin_from(std::string_view name) {
  for (std::size_t i = 0; i < origin_names.size(); ++i) {
    if (origin_names[i] == name) return static_cast<ModelOrigin>(i);
  }
  return ModelOrigin::imported;
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

/// The connection, opened at the first use and anew when the file is another one.
class ModelStore::Index {
 public:
  Index() = default;
  explicit Index(Database database) : database_(std::move(database)), fixed_(true) {}

  /// Whether there is anything to find: asking for a model must not make a store.
  [[nodiscard]] bool is_there() const {
    std::error_code error;
    return fixed_ || fs::exists(models_folder(), error);
  }

  template <typename Work>
  auto use(const Work& work) -> decltype(work(std::declval<IndexTables&>())) {
    const std::lock_guard lock(mutex_);
    for (bool again = !fixed_;; again = false) {
      TRY(connect());
      IndexTables tables(*database_);
      auto result = work(tables);
      if (result.ok() || !again || !database_->found_damage()) return result;
      database_.reset();  // connect() repairs it
    }
  }

 private:
  Result<void> connect() {
    if (fixed_) return {};
    const FileId file = file_id(index_path());
    if (database_ && file == opened_ && !unchanging_) return {};
    if (database_ && file != opened_) database_->abandon();
    database_.reset();
    database_ = TRY(open_index());
    opened_ = file_id(index_path());
    unchanging_ = ::access(models_folder().c_str(), W_OK) != 0;
    return {};
  }

  std::mutex mutex_;  ///< guards the rest
  std::optional<Database> database_;
  FileId opened_;
  bool unchanging_ = false;   ///< what SQLite does not look at again
  const bool fixed_ = false;  ///< it is the one that was given
};

ModelStore::ModelStore() : index_(std::make_shared<Index>()) {}

ModelStore::ModelStore(Database database) : index_(std::make_shared<Index>(std::move(database))) {}

Result<ModelStore> ModelStore::open() {
  ModelStore store;
  TRY(store.index_->use([](IndexTables&) -> Result<void> { return {}; }));
  return store;
}

Result<std::vector<StoredModel>> ModelStore::list() {
  return index_->use([](IndexTables& tables) { return tables.list(); });
}

Result<std::optional<StoredModel>> ModelStore::find(std::string_view name) {
  if (!index_->is_there()) return std::optional<StoredModel>();
  return index_->use([&](IndexTables& tables) { return tables.find(name); });
}

Result<std::optional<StoredModel>> ModelStore::find_path(const fs::path& path) {
  if (!index_->is_there()) return std::optional<StoredModel>();
  return index_->use([&](IndexTables& tables) { return tables.find_path(path); });
}

Result<void> ModelStore::require_free(std::string_view name, const fs::path& path) {
  return index_->use([&](IndexTables& tables) { return tables.require_free(name, path); });
}

Result<std::string> ModelStore::unused_name(std::string_view text) {
  return index_->use([&](IndexTables& tables) { return tables.unused_name(text); });
}

Result<void> ModelStore::add(const StoredModel& model) {
  return index_->use([&](IndexTables& tables) { return tables.add(model); });
}

Result<void> ModelStore::remove(std::string_view name) {
  return index_->use([&](IndexTables& tables) { return tables.remove(name); });
}

Result<void> ModelStore::set_hash(std::string_view name, const fs::path& file,
                                  const std::string& sha256) {
  return index_->use([&](IndexTables& tables) { return tables.set_hash(name, file, sha256); });
}

namespace {

/// Empty when the store has no such model.
Result<fs::path> path_in_store(ModelStore& store, std::string_view name) {
  if (!check_name(name).ok()) return fs::path();
  const auto model = TRY(store.find(name));
  if (!model) return fs::path();
  const StoredFile* missing = missing_file(*model);
  if (missing == nullptr) return model->path;
  return fail(ErrorCode::not_found,
              fmt::format("{} of the model {} is gone, or has another size than when it was added",
                          missing->path.string(), name),
              fmt::format("put it back, or run: tenfold rm {}", name));
}

/// What to do about a name that is none; in names of other programs a colon stands before the size.
std::string hint_for(ModelStore& store, std::string_view text) {
  std::vector<std::string_view> names;
  for (const CatalogueModel& model : built_in_catalogue().models) names.push_back(model.name);
  std::error_code error;
  std::vector<StoredModel> stored;
  if (fs::exists(index_path(), error)) {
    if (auto listed = store.list(); listed.ok()) stored = std::move(*listed);
  }
  for (const StoredModel& model : stored) names.push_back(model.name);
  std::string hyphenated(text);
  std::ranges::replace(hyphenated, ':', '-');
  return did_you_mean(
      hyphenated, names,
      "run: tenfold list, for the names of models; or give the path of a model file");
}

}  // namespace

Result<fs::path> find_model(ModelStore& store, std::string_view name_or_path) {
  if (fs::path stored = TRY(path_in_store(store, name_or_path)); !stored.empty()) return stored;
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
              hint_for(store, name_or_path));
}

}  // namespace tenfold
