#include "models/model_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"
#include "formats/onnx_names.h"
#include "formats/runnable.h"
#include "formats/shard_name.h"
#include "formats/tokenizer_file.h"
#include "formats/untrusted.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr int most_files = 10'000;
constexpr std::int64_t nanoseconds = 1'000'000'000;

/// Read by the tokenizer (src/text), besides its own file, or by the framework.
constexpr const char* companion_names[] = {"tokenizer_config.json", "special_tokens_map.json",
                                           "chat_template.jinja",   "chat_template.json",
                                           "config.json",           "generation_config.json"};

/// "NAME-00001-of-00003.gguf" and what follows it; none for a model in one file.
Result<std::vector<StoredFile>> shards(const fs::path& path) {
  const auto name = read_shard_name(path.string());
  std::vector<StoredFile> files;
  if (!name || name->count > most_files) return files;
  if (name->number > 1) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is not the first part of its model", path.string()),
                "name the part -00001-of-");
  }
  for (int i = 1; i <= name->count; ++i) {
    const fs::path shard = name->part(i);
    auto file = look_at_file(shard);
    if (!file.ok() && file.error().code == ErrorCode::not_found) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{} is missing: the model has {} parts", shard.string(), name->count),
                  "put all parts into one folder");
    }
    files.push_back(TRY(std::move(file)));
  }
  return files;
}

Error too_many(const fs::path& folder) {
  return fail(ErrorCode::bad_model,
              fmt::format("{} has more than {} entries", folder.string(), most_files),
              "name the folder of one model");
}

Result<std::vector<StoredFile>> all_in(const fs::path& folder, bool nested) {
  std::vector<StoredFile> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (int entries = 0; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (++entries > most_files) return too_many(folder);
    if (at->path().filename().string().starts_with('.')) {
      if (at->is_directory(error)) at.disable_recursion_pending();
    } else if (at->is_directory(error)) {
      if (!nested) at.disable_recursion_pending();
    } else {
      files.push_back(TRY(look_at_file(at->path())));
    }
  }
  if (error) return file_error(folder, "read", error.value());
  return files;
}

/// Each companion from the first of `places` that has it.
Result<void> add_companions(const std::vector<fs::path>& places, std::vector<StoredFile>& files) {
  const auto add = [&](const char* companion) -> Result<void> {
    for (const fs::path& place : places) {
      std::error_code error;
      if (!fs::exists(place / companion, error)) continue;
      files.push_back(TRY(look_at_file(place / companion)));
      return {};
    }
    return {};
  };
  for (const char* companion : tokenizer_names) TRY(add(companion));
  for (const char* companion : companion_names) TRY(add(companion));
  return {};
}

/// The file, its external weights ("model.onnx_data", "model.onnx.data"), the other part of a pair
/// of decoders with its own, and its companions.
Result<std::vector<StoredFile>> with_companions(const fs::path& model) {
  std::vector<StoredFile> files{TRY(look_at_file(model))};
  const fs::path folder = model.parent_path();
  const std::string name = model.filename().string();
  std::error_code error;
  int entries = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (++entries > most_files) return too_many(folder);
    const std::string other = at->path().filename().string();
    if (other != name && is_file_of(name, other)) files.push_back(TRY(look_at_file(at->path())));
  }
  if (error) return file_error(folder, "read", error.value());
  std::vector<fs::path> places{folder};
  if (folder.filename() == "onnx") places.push_back(folder.parent_path());
  TRY(add_companions(places, files));
  return files;
}

/// A Core ML model and its companions, which lie beside its folder.
Result<std::vector<StoredFile>> coreml_files(const fs::path& package) {
  std::vector<StoredFile> files = TRY(all_in(package, true));
  TRY(add_companions({package.parent_path()}, files));
  return files;
}

}  // namespace

Result<ModelDescription> resolve_path(const fs::path& path) {
  ModelDescription description = TRY(describe_untrusted(path));
  TRY(check_runnable(description));
  make_absolute(description);
  return description;
}

Result<DetectedModel> look_at_model(const fs::path& path) {
  ModelDescription description = TRY(resolve_path(path));
  return DetectedModel{std::move(description.format), std::move(description.path)};
}

Result<StoredFile> look_at_file(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return file_error(path, "read", errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::bad_model, path.string() + " is not a regular file");
  }
  return StoredFile{path,
                    static_cast<std::uint64_t>(status.st_size),
                    {},
                    status.st_mtim.tv_sec * nanoseconds + status.st_mtim.tv_nsec};
}

Result<std::vector<StoredFile>> files_of(const DetectedModel& model, OtherFiles others) {
  std::error_code error;
  if (model.format == "mlpackage" || model.format == "mlmodelc") return coreml_files(model.path);
  if (fs::is_directory(model.path, error)) {
    return all_in(model.path, others == OtherFiles::belong || model.format == "anemll");
  }
  if (model.format == "gguf") {
    std::vector<StoredFile> parts = TRY(shards(model.path));
    if (!parts.empty()) return parts;
  }
  if (model.format == "gguf" || model.format == "litertlm" || model.format == "task") {
    return std::vector{TRY(look_at_file(model.path))};
  }
  return with_companions(model.path);
}

}  // namespace tenfold
