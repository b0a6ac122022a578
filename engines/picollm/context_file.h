// The file in which the context of a model waits for its next load.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tenfold/result.h"

namespace tenfold::picollm {

/// Any number of processes may use one folder: of several that save the context of one model, the
/// last one's stays.
class ContextFile {
 public:
  /// Of the model with the content of `model`, wherever it lies. `folder` may have other files; it
  /// is made, for its owner alone, if it is not there. What a process that died while it wrote has
  /// left of this file a day ago is removed. Errors: those of the file system.
  static Result<ContextFile> in(const std::filesystem::path& folder, const std::string& model);

  /// Absolute, under a name that only Tenfold gives.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Errors: those of the file system; io if something else than a file is in its place.
  [[nodiscard]] Result<bool> exists() const;

  /// Has `write` fill a new file, readable by its owner alone, which then takes the place of what
  /// is there. After an error that is still there.
  Result<void> replace(const std::function<Result<void>(const std::string& file)>& write) const;

 private:
  explicit ContextFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace tenfold::picollm
