#include "models/import.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "base/platform/platform.h"
#include "models/copy_file.h"
#include "models/model_files.h"
#include "models/place.h"
#include "models/work_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

Result<fs::path> real_path(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) return file_error(path, "open", error.value());
  return real;
}

/// A model in one file is known by that file; one of several by their folder, where links have the
/// names that the engines look for.
Result<StoredModel> look_at(const fs::path& path) {
  TRY(real_path(path));
  DetectedModel detected = TRY(look_at_model(path));
  const fs::path named = fs::absolute(detected.path).lexically_normal();
  std::error_code error;
  detected.path = fs::is_directory(named, error)
                      ? TRY(real_path(named))
                      : TRY(real_path(named.parent_path())) / named.filename();
  StoredModel model;
  model.files = TRY(files_of(detected));
  if (model.files.size() == 1 && !fs::is_directory(detected.path, error)) {
    model.path = TRY(real_path(detected.path));
    model.files[0].path = model.path;
  } else {
    model.path = detected.path;
  }
  model.format = detected.format;
  model.origin = ModelOrigin::imported;
  model.source = detected.path;
  model.owned = !place_of(model.path).empty();
  return model;
}

/// From the name of the file or Core ML model, or the folder's if that is called "model" or
/// "decoder" as on the hubs.
std::string name_from(const fs::path& path) {
  std::error_code error;
  const bool package = path.extension() == ".mlpackage" || path.extension() == ".mlmodelc";
  if (fs::is_directory(path, error) && !package) return path.filename().string();
  const std::string stem = path.stem().string();
  if (!stem.starts_with("model") && !stem.starts_with("decoder_")) return stem;
  const fs::path folder = path.parent_path();
  return (folder.filename() == "onnx" ? folder.parent_path() : folder).filename().string();
}

Result<std::optional<StoredModel>> same_model(ModelStore& store, const StoredModel& model) {
  if (auto found = TRY(store.find_path(model.path))) return found;
  for (StoredModel& other : TRY(store.list())) {
    const bool copied = other.owned && other.source == model.source &&
                        other.files.size() == model.files.size() &&
                        std::ranges::equal(other.files, model.files, {}, &StoredFile::modified,
                                           &StoredFile::modified);
    if (copied && other.bytes() == model.bytes()) return std::optional(std::move(other));
  }
  return std::optional<StoredModel>();
}

/// The copies of a model's files in a work folder, until they are moved into place.
class Transfer {
 public:
  Transfer(const StoredModel& model, const ImportOptions& options)
      : model_(model),
        options_(options),
        work_(models_folder() / ("." + model.name + ".import")),
        base_(base_of(model)) {}

  /// Returns the entry of the files in their place.
  Result<StoredModel> run() {
    const bool single = model_.files.size() == 1 && model_.files[0].path == model_.path;
    const fs::path place =
        single ? place_for_file(model_.name, model_.format) : place_for_folder(model_.name);
    const fs::path whole = work_.path() / "model";
    for (const StoredFile& file : model_.files) {
      TRY(bring(file.path, single ? whole : whole / file.path.lexically_relative(base_)));
    }
    if (platform::rename_to_new(whole.c_str(), place.c_str()) != 0) {
      if (errno != EEXIST) return file_error(place, "write", errno);
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("there is already {}, which no model of the store uses", place.string()),
          "choose another --name, or import that file itself");
    }
    TRY(sync_to_disk(models_folder()));
    const auto moved = [&](const fs::path& path) {
      return single ? place : place / path.lexically_relative(base_);
    };
    StoredModel stored = model_;
    stored.path = moved(model_.path).lexically_normal();
    if (!stored.path.has_filename()) stored.path = place;
    stored.owned = true;
    for (StoredFile& file : stored.files) file = TRY(look_at_file(moved(file.path)));
    return stored;
  }

 private:
  /// The folder that all files lie in.
  static fs::path base_of(const StoredModel& model) {
    std::error_code error;
    fs::path base = fs::is_directory(model.path, error) ? model.path : model.path.parent_path();
    for (const StoredFile& file : model.files) {
      while (*file.path.lexically_relative(base).begin() == "..") base = base.parent_path();
    }
    return base;
  }

  /// A file to be moved is linked first, so that the user's own goes last.
  Result<void> bring(const fs::path& from, const fs::path& to) {
    TRY(make_folder(to.parent_path()));
    const bool linked = options_.mode == ImportMode::move && ::link(from.c_str(), to.c_str()) == 0;
    if (!linked) {
      TRY(copy_file(
          from, to, [this](std::uint64_t bytes) { report(bytes); }, options_.cancelled));
    }
    return sync_to_disk(to.parent_path());
  }

  void report(std::uint64_t bytes) {
    done_ += bytes;
    if (options_.on_progress) options_.on_progress(done_, model_.bytes());
  }

  const StoredModel& model_;
  const ImportOptions& options_;
  WorkFolder work_;
  fs::path base_;
  std::uint64_t done_ = 0;
};

Result<void> check_can_move(const fs::path& given, const StoredModel& model) {
  std::error_code error;
  fs::path link = fs::is_symlink(given, error) ? given : fs::path();
  for (const StoredFile& file : model.files) {
    if (fs::is_symlink(file.path, error)) link = file.path;
  }
  if (link.empty()) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("{} is a link to {}", link.string(), fs::read_symlink(link, error).string()),
      "name the file itself, or use --copy");
}

bool on_one_device(const fs::path& path) {
  struct stat one {};
  struct stat other {};
  return ::stat(path.c_str(), &one) == 0 && ::stat(models_folder().c_str(), &other) == 0 &&
         one.st_dev == other.st_dev;
}

/// Removes what was moved; the folders only if nothing else is in them.
Result<void> remove_moved(const StoredModel& model) {
  std::error_code error;
  for (const StoredFile& file : model.files) {
    if (!fs::remove(file.path, error) && error) {
      return file_error(file.path, "remove", error.value());
    }
  }
  if (!fs::is_directory(model.path, error)) return {};
  for (const StoredFile& file : model.files) {
    fs::path folder = file.path.parent_path();
    while (folder != model.path.parent_path() && ::rmdir(folder.c_str()) == 0) {
      folder = folder.parent_path();
    }
  }
  return {};
}

}  // namespace

Result<Imported> import_model(ModelStore& store, const fs::path& path,
                              const ImportOptions& options) {
  StoredModel model = TRY(look_at(path));
  if (auto found = TRY(same_model(store, model))) return Imported{std::move(*found), true};
  model.name =
      options.name.empty() ? TRY(store.unused_name(name_from(model.source))) : options.name;
  TRY(store.require_free(model.name, model.path));
  if (options.mode == ImportMode::in_place || model.owned) {
    TRY(store.add(model));
    return Imported{TRY(store.find(model.name)).value(), false};
  }
  if (options.mode == ImportMode::move) TRY(check_can_move(path, model));
  const FileLock lock = TRY(lock_model(model.name, options.on_wait, options.cancelled));
  TRY(store.require_free(model.name, model.path));
  if (options.mode == ImportMode::copy || !on_one_device(model.path)) {
    TRY(require_space(model.bytes(), model.name));
  }
  const StoredModel stored = TRY(Transfer(model, options).run());
  if (auto added = store.add(stored); !added.ok()) {
    std::error_code error;
    fs::remove_all(place_of(stored.path), error);
    return added.error();
  }
  if (options.mode == ImportMode::move) TRY(remove_moved(model));
  return Imported{TRY(store.find(model.name)).value(), false};
}

}  // namespace tenfold
