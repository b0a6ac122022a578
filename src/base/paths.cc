#include "base/paths.h"

#include <cstdlib>
#include <string>

#include "base/platform/platform.h"

namespace tenfold {
namespace {

std::filesystem::path folder(const char* below_home, const char* xdg_variable,
                             const char* below_user) {
  if (const char* home = std::getenv("TENFOLD_HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / below_home;
  }
  // The XDG specification says that relative paths in these variables must be ignored.
  if (const char* xdg = std::getenv(xdg_variable); xdg != nullptr && *xdg == '/') {
    return std::filesystem::path(xdg) / "tenfold";
  }
  const char* user = std::getenv("HOME");
  return std::filesystem::path(user != nullptr ? user : "/") / below_user / "tenfold";
}

}  // namespace

std::filesystem::path data_folder() { return folder("data", "XDG_DATA_HOME", ".local/share"); }
std::filesystem::path config_folder() { return folder("config", "XDG_CONFIG_HOME", ".config"); }
std::filesystem::path cache_folder() { return folder("cache", "XDG_CACHE_HOME", ".cache"); }

std::filesystem::path worker_program(std::string_view engine_id) {
  const std::string name = "tenfold-engine-" + std::string(engine_id);
  std::error_code error;
  if (const char* given = std::getenv("TENFOLD_ENGINE_PATH"); given != nullptr && *given != '\0') {
    const auto program = std::filesystem::path(given) / name;
    return std::filesystem::exists(program, error) ? program : std::filesystem::path();
  }
  return helper_program(name);
}

std::filesystem::path helper_program(std::string_view name) {
  std::error_code error;
  const auto here = platform::program_path().parent_path();
  for (const auto& candidate : {here / name, here / ".." / "libexec" / "tenfold" / name}) {
    if (std::filesystem::exists(candidate, error)) return candidate.lexically_normal();
  }
  return {};
}

std::filesystem::path shared_file(const std::filesystem::path& name) {
  std::error_code error;
  const auto above = platform::program_path().parent_path().parent_path();
  for (const auto& prefix : {above, above.parent_path()}) {
    const auto candidate = prefix / "share" / "tenfold" / name;
    if (std::filesystem::exists(candidate, error)) return candidate;
  }
  return {};
}

}  // namespace tenfold
