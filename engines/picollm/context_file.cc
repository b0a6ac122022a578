#include "context_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <span>
#include <utility>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/sha256.h"
#include "formats/byte_source.h"

namespace tenfold::picollm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t sample_bytes = std::uint64_t{64} << 10;
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

/// By its size, beginning and end: a whole digest would read the weights once more, and the library
/// looks at what it is given, too.
Result<std::string> key_of(const std::string& model) {
  const auto source = TRY(open_file_source(model));
  Sha256 digest = TRY(Sha256::create());
  const std::uint64_t size = source->size();
  std::string sample = fmt::format("{}\n", size);
  digest.update(std::as_bytes(std::span(sample)));
  sample.resize(std::min(size, sample_bytes));
  for (const std::uint64_t offset : {std::uint64_t{0}, size - sample.size()}) {
    TRY(source->read_at(offset, sample));
    digest.update(std::as_bytes(std::span(sample)));
  }
  return digest.finish().substr(0, 32);
}

void remove_unfinished(const fs::path& place) {
  const auto now = fs::file_time_type::clock::now();
  const std::string ours = place.filename().string() + ".";
  std::error_code error;
  for (fs::directory_iterator at(place.parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    const fs::path& file = at->path();
    if (!file.filename().string().starts_with(ours) || file.extension() != ".new") continue;
    std::error_code failed;
    const auto age = now - at->last_write_time(failed);
    if (!failed && age > std::chrono::hours(24)) fs::remove(file, failed);
  }
}

/// The library may have made a file of its own in the place of ours.
Result<void> put_in_place(const std::string& file, const std::string& place) {
  const Descriptor written(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (written.get() >= 0 && ::fchmod(written.get(), owner_only) == 0 &&
      ::fsync(written.get()) == 0 && ::rename(file.c_str(), place.c_str()) == 0) {
    return {};
  }
  return file_error(place, "write", errno);
}

}  // namespace

Result<ContextFile> ContextFile::in(const fs::path& folder, const std::string& model) {
  const fs::path whole = fs::absolute(folder);
  std::error_code unknown;
  const bool is_new = !fs::exists(whole, unknown);
  TRY(make_folder(whole));
  if (is_new && ::chmod(whole.c_str(), S_IRWXU) != 0) return file_error(whole, "create", errno);
  if (::access(whole.c_str(), W_OK | X_OK) != 0) return file_error(whole, "write into", errno);
  const fs::path place = whole / fmt::format("tenfold-{}.picollm-context", TRY(key_of(model)));
  remove_unfinished(place);
  return ContextFile(place.string());
}

Result<bool> ContextFile::exists() const {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return file_error(path_, "read", errno);
  }
  if (S_ISREG(status.st_mode)) return true;
  return fail(ErrorCode::io, fmt::format("{} is no file, so no context can be read from it", path_),
              "remove it, or choose another picollm.context_folder");
}

Result<void> ContextFile::replace(
    const std::function<Result<void>(const std::string&)>& write) const {
  static std::atomic<int> number = 0;
  const std::string file = fmt::format("{}.{}-{}.new", path_, ::getpid(), number++);
  constexpr int is_ours = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  if (Descriptor(::open(file.c_str(), is_ours, owner_only)).get() < 0) {
    return file_error(file, "write", errno);
  }
  Result<void> done = write(file);
  if (done.ok()) done = put_in_place(file, path_);
  if (!done.ok()) ::unlink(file.c_str());
  return done;
}

}  // namespace tenfold::picollm
