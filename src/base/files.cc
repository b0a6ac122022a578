#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/descriptor.h"

namespace tenfold {
namespace {

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Error file_error(const std::filesystem::path& path, std::string_view action, int error_number) {
  const std::string message =
      fmt::format("cannot {} {}: {}", action, path.string(),
                  std::error_code(error_number, std::generic_category()).message());
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::not_found, message, "check the path");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::permission_denied, message, "check the owner and mode of the file");
    case ENOSPC:
    case EDQUOT:
      return fail(ErrorCode::disk_full, message, "free some space or choose another TENFOLD_HOME");
    default:
      return fail(ErrorCode::io, message);
  }
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(path, "open", errno);
  return read_open_file(file.get(), path, limit);
}

Result<std::string> read_open_file(int descriptor, const std::filesystem::path& path,
                                   std::size_t limit) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return file_error(path, "read", errno);
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::invalid_argument, path.string() + " is a folder, not a file");
  }
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(path, "read", errno);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is larger than {} bytes", path.string(), limit));
    }
  }
}

Result<void> make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return file_error(path, "create", error.value());
  return {};
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  if (path.has_parent_path()) TRY(make_folder(path.parent_path()));
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return file_error(path, "write", errno);
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return file_error(path, "write", reason);
  }
  return {};
}

bool is_valid_utf8(std::string_view text) {
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  while (i < text.size()) {
    const std::uint8_t lead = byte(i++);
    if (lead < 0x80) continue;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || i + static_cast<std::size_t>(more) > text.size())
      return false;
    // The second byte's range excludes overlong forms, surrogates and code points past U+10FFFF.
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(i) < low || byte(i) > high) return false;
    for (int k = 1; k < more; ++k) {
      if ((byte(i + static_cast<std::size_t>(k)) & 0xC0) != 0x80) return false;
    }
    i += static_cast<std::size_t>(more);
  }
  return true;
}

}  // namespace tenfold
