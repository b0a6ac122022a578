#include "weight_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <regex>
#include <utility>

#include "base/files.h"
#include "base/sha256.h"

namespace tenfold::litert {
namespace {

namespace fs = std::filesystem;

/// Changes with the library: it checks whether a file was written by itself, but then writes into
/// that file, which others may have mapped.
constexpr std::string_view suffix = ".xnnpack-2.3.0";
constexpr std::string_view prefix = "tenfold-";
constexpr std::size_t sample_bytes = std::size_t{64} << 10;

/// The folder may be any of the user's: nothing is touched under a name that we did not make. The
/// second form is that of earlier versions, FILE-SIZE-MTIME.
bool is_ours(const fs::path& file) {
  static const std::regex names(
      R"((tenfold-[0-9a-f]{32}|.+-[0-9]+-[0-9]+\.[0-9]{9})\.xnnpack-[0-9.]+(\.[0-9]+-[0-9]+\.new)?)");
  return std::regex_match(file.filename().string(), names);
}

void remove_unused(const fs::path& folder) {
  using std::chrono::hours;
  const auto now = fs::file_time_type::clock::now();
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code failed;
    if (!is_ours(at->path()) || !fs::is_regular_file(at->symlink_status(failed))) continue;
    const auto age = now - at->last_write_time(failed);
    const bool unfinished = at->path().extension() == ".new";
    if (!failed && age > (unfinished ? hours(24) : hours(24 * 30))) fs::remove(*at, failed);
  }
}

/// Names this content: the library takes a file for the weights of any model it is named for. A
/// whole digest would read the model once more; a changed file has another time of change, which
/// nobody can set back.
Result<std::string> key_of(const fs::path& model) {
  struct stat status {};
  if (::stat(model.c_str(), &status) != 0) return file_error(model, "read", errno);
  std::error_code error;
  const fs::path whole = fs::canonical(model, error);
  if (error) return file_error(model, "read", error.value());
  Sha256 digest = TRY(Sha256::create());
  const std::string text = fmt::format(
      "{}\n{}\n{}.{:09}\n{}.{:09}\n", whole.string(), status.st_size, status.st_mtim.tv_sec,
      status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  digest.update(std::as_bytes(std::span(text)));
  std::ifstream file(whole, std::ios::binary);
  std::string sample(sample_bytes, '\0');
  for (const auto place : {std::ios::beg, std::ios::end}) {
    const auto offset = std::min<std::int64_t>(status.st_size, sample_bytes);
    file.seekg(place == std::ios::end ? -offset : 0, place);
    file.read(sample.data(), offset);
    if (!file) return file_error(model, "read", EIO);
    digest.update(std::as_bytes(std::span(sample).first(static_cast<std::size_t>(offset))));
  }
  return digest.finish().substr(0, 32);
}

}  // namespace

Result<WeightCache> WeightCache::in(const fs::path& folder, const fs::path& model) {
  if (folder.string().find_first_of("\"\\\n") != std::string::npos) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("option weight_cache: LiteRT cannot take the path {}", folder.string()),
                "choose a folder without quotes and backslashes in its name");
  }
  TRY(make_folder(folder));
  const fs::path place = folder / fmt::format("{}{}{}", prefix, TRY(key_of(model)), suffix);
  remove_unused(folder);
  WeightCache cache;
  std::error_code missing;
  fs::last_write_time(place, fs::file_time_type::clock::now(), missing);
  if (!missing) {
    cache.file_ = place;
    return cache;
  }
  static std::atomic<int> number = 0;
  cache.file_ = fmt::format("{}.{}-{}.new", place.string(), ::getpid(), number++);
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
