#include "models/place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "base/paths.h"
#include "base/text.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 120;
constexpr std::uint64_t spare_bytes = 16 << 20;

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

bool may_be_in_name(char letter) {
  return is_alphanumeric(letter) || letter == '.' || letter == '-' || letter == '_';
}

}  // namespace

fs::path models_folder() {
  const fs::path folder = data_folder() / "models";
  std::error_code error;
  fs::path real = fs::weakly_canonical(fs::absolute(folder, error), error);
  return error ? folder : real;
}

Result<void> check_name(std::string_view name) {
  if (!name.empty() && name.size() <= longest_name && is_alphanumeric(name[0]) &&
      std::ranges::all_of(name, may_be_in_name)) {
    return {};
  }
  return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" cannot be a model's name", name),
              fmt::format("use letters, digits, dots, dashes and underscores, at most {}, starting "
                          "with a letter or digit",
                          longest_name));
}

std::string clean_name(std::string_view text) {
  std::string name;
  for (const char letter : text) {
    if (may_be_in_name(letter) && (is_alphanumeric(letter) || !name.empty())) {
      name += letter;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), longest_name));
  while (!name.empty() && !is_alphanumeric(name.back())) name.pop_back();
  return name.empty() ? "model" : name;
}

fs::path place_for_file(std::string_view name, std::string_view extension) {
  return models_folder() / fmt::format("{}.{}", name, extension);
}

fs::path place_for_folder(std::string_view name) { return models_folder() / name; }

fs::path place_of(const fs::path& path) {
  const fs::path folder = models_folder();
  const fs::path relative = path.lexically_normal().lexically_relative(folder);
  if (relative.empty() || *relative.begin() == ".." || *relative.begin() == ".") return {};
  return folder / *relative.begin();
}

Result<FileLock> lock_model(std::string_view name, const std::function<void()>& on_wait,
                            const std::function<bool()>& cancelled) {
  TRY(check_name(name));
  const fs::path folder = models_folder();
  TRY(make_folder(folder));
  return FileLock::acquire(folder / fmt::format(".{}.lock", name), on_wait, cancelled);
}

Result<void> require_space(std::uint64_t bytes, std::string_view what) {
  const std::uint64_t needed = bytes + spare_bytes;
  const std::uint64_t available = TRY(free_space());
  if (available >= needed) return {};
  return fail(ErrorCode::disk_full,
              fmt::format("{} needs {} in {}, but {} are free", what, size_text(needed),
                          models_folder().string(), size_text(available)),
              "free some space, or set TENFOLD_HOME to a folder on another disk");
}

Result<std::uint64_t> free_space() {
  std::error_code error;
  const fs::space_info space = fs::space(models_folder(), error);
  if (error) return file_error(models_folder(), "look at the free space of", error.value());
  return space.available;
}

Result<void> sync_to_disk(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(path, "open", errno);
  if (::fsync(file.get()) != 0) return file_error(path, "write", errno);
  return {};
}

}  // namespace tenfold
