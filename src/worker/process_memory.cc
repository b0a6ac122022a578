#include "worker/process_memory.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
namespace tenfold {
namespace {

std::uint64_t read_field(const std::filesystem::path& path, std::string_view key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
  }
  return 0;
}

}  // namespace

std::uint64_t process_memory(pid_t pid) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  const std::uint64_t share = read_field(process / "smaps_rollup", "Pss:");
  return share > 0 ? share : read_field(process / "status", "VmRSS:");
}

}  // namespace tenfold
