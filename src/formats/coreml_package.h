// A Core ML model on disk with its weights mapped: an .mlpackage, or the compiled .mlmodelc.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "formats/mapped_file.h"
#include "formats/mil.h"
#include "formats/mlmodel.h"
#include "tenfold/result.h"

namespace tenfold {

/// Whole and checked: every reference of the program leads into the mapped files.
class CoremlPackage {
 public:
  /// `path` is the folder. not_found or io from the file system; bad_model, naming the file, the
  /// function and the operation, if it is damaged; unsupported if it is no ML program.
  static Result<CoremlPackage> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The file that holds the program: model.mlmodel or model.mil.
  [[nodiscard]] const std::filesystem::path& specification() const { return specification_; }
  [[nodiscard]] const MlModel& model() const { return model_; }
  [[nodiscard]] const MilProgram& program() const { return model_.program; }
  /// The stored elements of a constant of this program that holds no strings; valid as long as the
  /// package lives and, for one without a blob, as long as the value. The package may be moved.
  [[nodiscard]] std::string_view bytes(const MilValue& value) const;
  /// The files of weights that the program names, relative to its folder.
  [[nodiscard]] const std::map<std::string, MappedFile, std::less<>>& weights() const {
    return weights_;
  }

 private:
  CoremlPackage() = default;

  std::filesystem::path path_;
  std::filesystem::path specification_;
  MlModel model_;
  std::map<std::string, MappedFile, std::less<>> weights_;
};

/// The model.mlmodel that a package's Manifest.json names. bad_model if it names none inside, or
/// one that is missing.
Result<std::filesystem::path> coreml_specification(const std::filesystem::path& package);

}  // namespace tenfold
