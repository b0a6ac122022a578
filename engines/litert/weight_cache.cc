#include "weight_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/files.h"

namespace tenfold::litert {
namespace {

namespace fs = std::filesystem;

/// Changes with the library: it checks whether a file was written by itself, but then writes into
/// that file, which others may have mapped.
constexpr std::string_view suffix = ".xnnpack-2.3.0";
constexpr std::string_view new_suffix = ".new";

void remove_unused(const fs::path& folder) {
  using std::chrono::hours;
  const auto now = fs::file_time_type::clock::now();
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code failed;
    const auto age = now - at->last_write_time(failed);
    const bool unfinished = at->path().extension() == new_suffix;
    if (!failed && age > (unfinished ? hours(24) : hours(24 * 30))) fs::remove(*at, failed);
  }
}

}  // namespace

Result<WeightCache> WeightCache::in(const fs::path& folder, const fs::path& model) {
  TRY(make_folder(folder));
  struct stat status {};
  if (::stat(model.c_str(), &status) != 0) return file_error(model, "read", errno);
  const fs::path place =
      folder / fmt::format("{}-{}-{}.{:09}{}", model.filename().string(), status.st_size,
                           status.st_mtim.tv_sec, status.st_mtim.tv_nsec, suffix);
  if (place.string().find_first_of("\"\\\n") != std::string::npos) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("option weight_cache: LiteRT cannot take the path {}", place.string()),
                "choose a folder and a model without quotes and backslashes in their names");
  }
  remove_unused(folder);
  WeightCache cache;
  std::error_code missing;
  fs::last_write_time(place, fs::file_time_type::clock::now(), missing);
  if (!missing) {
    cache.file_ = place;
    return cache;
  }
  static std::atomic<int> number = 0;
  cache.file_ = fmt::format("{}.{}-{}{}", place.string(), ::getpid(), number++, new_suffix);
  cache.place_ = place;
  return cache;
}

WeightCache::WeightCache(WeightCache&& other) noexcept
    : file_(std::exchange(other.file_, {})), place_(std::exchange(other.place_, {})) {}

WeightCache::~WeightCache() {
  std::error_code error;
  if (!place_.empty()) fs::remove(file_, error);
}

void WeightCache::keep() {
  std::error_code error;
  if (!place_.empty()) fs::rename(file_, place_, error);
  if (!error) place_.clear();
}

}  // namespace tenfold::litert
