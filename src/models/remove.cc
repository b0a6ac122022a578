#include "models/remove.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/files.h"
#include "models/place.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view work_suffixes[] = {".import", ".pull", ".removed"};

Result<FileLock> lock_now(const std::string& name) {
  auto lock = lock_model(name, {}, [] { return true; });
  if (lock.ok() || lock.error().code != ErrorCode::cancelled) return lock;
  return fail(ErrorCode::busy, "another process works on the model " + name,
              "wait for it, and run the command again");
}

bool is_old(const fs::path& path) {
  std::error_code error;
  const auto changed = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - changed > std::chrono::hours(24);
}

/// What gc() thinks of one entry of models_folder().
class Judge {
 public:
  Judge(const std::vector<StoredModel>& models, bool dry_run, std::vector<Leftover>& leftovers)
      : models_(models), dry_run_(dry_run), leftovers_(leftovers) {}

  void look_at(const fs::path& path) {
    const std::string name = path.filename().string();
    for (const std::string_view suffix : work_suffixes) {
      if (!name.starts_with('.') || !name.ends_with(suffix)) continue;
      const auto lock = lock_now(name.substr(1, name.size() - 1 - suffix.size()));
      report(path, "unfinished work", lock.ok());
      return;
    }
    if (name.starts_with('.') || name == "index.db" || name == "index.db-wal" ||
        name == "index.db-shm") {
      return;
    }
    if (name.starts_with("index.db.damaged-")) {
      report(path, "a damaged index", is_old(path));
    } else if (const auto at = name.find(".partial"); at != std::string::npos) {
      const fs::path whole = path.parent_path() / name.substr(0, at);
      report(path, "an unfinished download", is_old(path) || belongs_to_model(whole));
    } else if (is_record(path)) {
      report(path, "a record of an earlier Tenfold", true);
    } else if (!belongs_to_model(path)) {
      look_at_foreign(path);
    }
  }

 private:
  [[nodiscard]] bool belongs_to_model(const fs::path& path) const {
    return std::ranges::any_of(models_, [&](const StoredModel& model) {
      return place_of(model.path) == path ||
             std::ranges::count(model.files, path, &StoredFile::path);
    });
  }

  /// NAME.json beside the model NAME.
  [[nodiscard]] bool is_record(const fs::path& path) const {
    return path.extension() == ".json" && path.parent_path() == models_folder() &&
           std::ranges::count(models_, path.stem().string(), &StoredModel::name) > 0;
  }

  /// A folder of no model may be one that is being downloaded.
  void look_at_foreign(const fs::path& path) {
    std::error_code error;
    std::vector<fs::path> partials;
    if (fs::is_directory(path, error) && !fs::is_symlink(path, error)) {
      for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (at->path().filename().string().find(".partial") != std::string::npos) {
          partials.push_back(at->path());
        }
      }
    }
    for (const fs::path& partial : partials) look_at(partial);
    if (partials.empty())
      report(path, "no model of the store; import it, or delete it yourself", false);
  }

  void report(const fs::path& path, const char* what, bool remove) {
    leftovers_.push_back({path, {}, what, bytes_below(path), remove});
    std::error_code error;
    if (remove && !dry_run_) fs::remove_all(path, error);
    if (error) {
      leftovers_.back().removed = false;
      leftovers_.back().what += ", which cannot be removed: " + error.message();
    }
  }

  const std::vector<StoredModel>& models_;
  bool dry_run_;
  std::vector<Leftover>& leftovers_;
};

bool all_gone(const StoredModel& model) {
  return std::ranges::none_of(model.files, [](const StoredFile& file) {
    std::error_code error;
    return fs::exists(file.path, error) || error;
  });
}

}  // namespace

Result<Removed> remove_model(ModelStore& store, const std::string& name) {
  const FileLock lock = TRY(lock_now(name));
  auto model = TRY(store.find(name));
  if (!model) {
    return fail(ErrorCode::not_found, fmt::format("there is no model {} here", name),
                "run: tenfold list");
  }
  const fs::path place = place_of(model->path);
  const bool deletes = model->owned && !place.empty();
  // The rename takes all files away at once; a failure after it puts them back.
  const fs::path trash = models_folder() / ("." + name + ".removed");
  std::error_code error;
  const bool has_files = deletes && fs::exists(fs::symlink_status(place, error));
  if (has_files) {
    fs::remove_all(trash, error);
    fs::rename(place, trash, error);
    if (error) return file_error(place, "remove", error.value());
  }
  if (auto removed = store.remove(name); !removed.ok()) {
    if (has_files) fs::rename(trash, place, error);
    return removed.error();
  }
  if (has_files) fs::remove_all(trash, error);
  if (error) return file_error(trash, "remove", error.value());
  return Removed{std::move(*model), deletes};
}

Result<std::vector<Leftover>> collect_garbage(ModelStore& store, bool dry_run) {
  const std::vector<StoredModel> models = TRY(store.list());
  std::vector<Leftover> leftovers;
  Judge judge(models, dry_run, leftovers);
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(models_folder(), error), end; !error && at != end;
       at.increment(error)) {
    entries.push_back(at->path());
  }
  if (error) return file_error(models_folder(), "read", error.value());
  std::ranges::sort(entries);
  for (const fs::path& entry : entries) judge.look_at(entry);
  for (const StoredModel& model : models) {
    if (!all_gone(model)) continue;
    leftovers.push_back({model.path, model.name, "an entry whose files are gone", 0, true});
    if (!dry_run) TRY(store.remove(model.name));
  }
  return leftovers;
}

std::uint64_t bytes_below(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error)) return 0;
  if (fs::is_regular_file(path, error)) return fs::file_size(path, error);
  std::uint64_t bytes = 0;
  fs::recursive_directory_iterator at(path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error) && !at->is_symlink(error)) bytes += at->file_size(error);
  }
  return bytes;
}

}  // namespace tenfold
