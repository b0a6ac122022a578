// A folder for unfinished work that is worth nothing afterwards.
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

namespace tenfold {

/// Removed with all that is in it, at the start and at the end. Made by whoever writes into it.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) { remove(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() { remove(); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path path_;
};

}  // namespace tenfold
