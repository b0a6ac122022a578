#include "models/fetch_files.h"

#include <fmt/format.h>

#include "base/files.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t spare_bytes = 16 << 20;
constexpr double mebibyte = 1 << 20;

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error)) {
    return fail(
        ErrorCode::permission_denied,
        fmt::format("{} is a symbolic link, and would lead the files elsewhere", path.string()),
        "remove the link");
  }
  fs::create_directories(path, error);
  if (error) return file_error(path, "create", error.value());
  return {};
}

std::uint64_t size_on_disk(const fs::path& path) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

/// Files that are whole need no space; of partial ones nothing is counted as there, because their
/// blocks are still to be checked.
Result<void> check_space(const PullPlan& plan, const fs::path& folder) {
  std::uint64_t needed = spare_bytes;
  for (const SourceFile& file : plan.files) {
    const std::uint64_t bytes = file.bytes.value_or(0);
    if (size_on_disk(folder / file.path) != bytes) needed += bytes;
  }
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error) return file_error(folder, "look at the free space of", error.value());
  if (space.available >= needed) return {};
  return fail(ErrorCode::disk_full,
              fmt::format("{} needs {:.0f} MiB in {}, but {:.0f} MiB are free", plan.name,
                          static_cast<double>(needed) / mebibyte, folder.parent_path().string(),
                          static_cast<double>(space.available) / mebibyte),
              "free some space, or set TENFOLD_HOME to a folder on another disk");
}

Result<void> make_parents(const fs::path& folder, const fs::path& path) {
  fs::path parent = folder;
  TRY(make_folder(parent));
  for (const fs::path& part : path.parent_path()) {
    parent /= part;
    TRY(make_folder(parent));
  }
  return {};
}

}  // namespace

Result<DetectedModel> fetch_files(const PullPlan& plan, const fs::path& folder,
                                  const std::string& format, const FetchFile& fetch,
                                  const std::function<void(const PullProgress&)>& on_progress) {
  TRY(make_folder(folder));
  TRY(check_space(plan, folder));
  PullProgress progress;
  progress.count = plan.files.size();
  progress.total = plan.bytes();
  std::uint64_t before = 0;
  for (const SourceFile& file : plan.files) {
    const fs::path target = folder / file.path;
    TRY(make_parents(folder, file.path));
    progress.file = file.path;
    TRY(fetch(file, target, plan.token, [&](const FileProgress& part) {
      if (!on_progress) return;
      progress.done = before + part.done;
      progress.bytes_per_second = part.bytes_per_second;
      progress.seconds_left.reset();
      if (progress.total && part.bytes_per_second > 0 && *progress.total >= progress.done) {
        progress.seconds_left =
            static_cast<double>(*progress.total - progress.done) / part.bytes_per_second;
      }
      on_progress(progress);
    }));
    before += size_on_disk(target);
    ++progress.number;
  }
  const bool one = plan.files.size() == 1;
  DetectedModel found = TRY(detect_model(one ? folder / plan.files[0].path : folder));
  if (!some_engine_opens(found.format)) {
    return fail(
        ErrorCode::bad_model,
        fmt::format("what came from {} is a {}, which no engine opens", plan.source, found.format),
        "name the file of a model");
  }
  if (format.empty() || found.format == format) return found;
  return fail(ErrorCode::bad_model,
              fmt::format("what came from {} is {}, not {}", plan.source, found.format, format),
              "tell who keeps the catalogue");
}

}  // namespace tenfold
