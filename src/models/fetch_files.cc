#include "models/fetch_files.h"

#include <fmt/format.h>

#include "base/files.h"
#include "models/model_files.h"
#include "models/place.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

Result<void> make_own_folder(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error)) {
    return fail(
        ErrorCode::permission_denied,
        fmt::format("{} is a symbolic link, and would lead the files elsewhere", path.string()),
        "remove the link");
  }
  return make_folder(path);
}

std::uint64_t size_on_disk(const fs::path& path) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

/// Bytes to come. Files that are whole need none; of partial ones nothing is counted as there,
/// because their blocks are still to be checked.
std::uint64_t missing_bytes(const PullPlan& plan, const fs::path& folder) {
  std::uint64_t missing = 0;
  for (const SourceFile& file : plan.files) {
    const std::uint64_t bytes = file.bytes.value_or(0);
    if (size_on_disk(folder / file.path) != bytes) missing += bytes;
  }
  return missing;
}

Result<void> make_parents(const fs::path& folder, const fs::path& path) {
  fs::path parent = folder;
  TRY(make_own_folder(parent));
  for (const fs::path& part : path.parent_path()) {
    parent /= part;
    TRY(make_own_folder(parent));
  }
  return {};
}

}  // namespace

Result<DetectedModel> fetch_files(const PullPlan& plan, const fs::path& folder,
                                  const std::string& format, const FetchFile& fetch,
                                  const std::function<void(const PullProgress&)>& on_progress) {
  TRY(make_own_folder(folder));
  TRY(require_space(missing_bytes(plan, folder), plan.name));
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
  DetectedModel found = TRY(look_at_model(one ? folder / plan.files[0].path : folder));
  if (format.empty() || found.format == format) return found;
  return fail(ErrorCode::bad_model,
              fmt::format("what came from {} is {}, not {}", plan.source, found.format, format),
              "tell who keeps the catalogue");
}

}  // namespace tenfold
