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

Leftover cleared(const fs::path& path, const char* what, bool dry_run) {
  Leftover leftover{path, {}, what, bytes_below(path), true};
  std::error_code error;
  if (!dry_run) fs::remove_all(path, error);
  if (error) {
    leftover.removed = false;
    leftover.what += ", which cannot be removed: " + error.message();
  }
  return leftover;
}

constexpr const char* unfinished_download = "an unfinished download";
constexpr std::string_view partial_suffix = ".partial";

/// Whether it is a part of a file, or stands beside one.
bool is_partial(const fs::path& path) {
  return path.filename().string().find(partial_suffix) != std::string::npos;
}

/// The file that it is to become.
fs::path whole_of(const fs::path& partial) {
  const std::string name = partial.filename().string();
  return partial.parent_path() / name.substr(0, name.find(partial_suffix));
}

/// Nothing while somebody downloads it.
std::optional<FileLock> lock_partial(const fs::path& partial) {
  return FileLock::try_acquire(whole_of(partial).concat(partial_suffix));
}

/// In order; none of a file or a link.
Result<std::vector<fs::path>> readable_entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  if (fs::is_symlink(folder, error) || fs::is_regular_file(folder, error)) return entries;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(at->path());
  }
  if (error) return file_error(folder, "read", error.value());
  std::ranges::sort(entries);
  return entries;
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
    } else if (is_partial(path)) {
      const auto lock = lock_partial(path);
      report(path, unfinished_download, lock && (is_old(path) || belongs_to_model(whole_of(path))));
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
    auto entries = readable_entries_of(path);
    std::vector<fs::path> partials = entries.ok() ? std::move(*entries) : std::vector<fs::path>();
    std::erase_if(partials, [](const fs::path& entry) { return !is_partial(entry); });
    for (const fs::path& partial : partials) look_at(partial);
    if (partials.empty())
      report(path, "no model of the store; import it, or delete it yourself", false);
  }

  void report(const fs::path& path, const char* what, bool remove) {
    leftovers_.push_back(remove ? cleared(path, what, dry_run_)
                                : Leftover{path, {}, what, bytes_below(path), false});
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

/// As when the disk that they are on is not mounted.
bool folders_gone(const StoredModel& model) {
  return std::ranges::none_of(model.files, [](const StoredFile& file) {
    std::error_code error;
    return fs::exists(file.path.parent_path(), error);
  });
}

}  // namespace

Json to_json(const Leftover& leftover) {
  return {{"path", leftover.path.string()},
          {"what", leftover.what},
          {"bytes", leftover.bytes},
          {"removed", leftover.removed}};
}

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
  for (const fs::path& entry : TRY(readable_entries_of(models_folder()))) judge.look_at(entry);
  for (const StoredModel& model : models) {
    if (!all_gone(model)) continue;
    if (folders_gone(model)) {
      leftovers.push_back({model.path, model.name,
                           "whose folder is gone: mount its disk, or run: tenfold rm " + model.name,
                           0, false});
      continue;
    }
    leftovers.push_back({model.path, model.name, "an entry whose files are gone", 0, true});
    if (!dry_run) TRY(store.remove(model.name));
  }
  return leftovers;
}

Result<std::vector<Leftover>> clear_unfinished_downloads(bool dry_run) {
  std::vector<fs::path> paths = TRY(readable_entries_of(models_folder()));
  for (const fs::path& folder : std::vector(paths)) {
    const auto inside = readable_entries_of(folder);
    if (inside.ok()) paths.insert(paths.end(), inside->begin(), inside->end());
  }
  std::vector<Leftover> leftovers;
  for (const fs::path& path : paths) {
    if (!is_partial(path)) continue;
    const auto lock = lock_partial(path);
    leftovers.push_back(lock
                            ? cleared(path, unfinished_download, dry_run)
                            : Leftover{path, {}, "a download that runs", bytes_below(path), false});
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
