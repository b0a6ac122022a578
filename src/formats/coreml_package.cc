#include "formats/coreml_package.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/bounded_json.h"
#include "formats/damaged.h"
#include "formats/mil_weights.h"
#include "formats/mlmodelc.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view model_path = "@model_path/";
constexpr std::size_t most_weight_files = 64;

bool leads_out(const fs::path& path) {
  return path.is_absolute() || std::ranges::find(path, fs::path("..")) != path.end();
}

/// "weights/weight.bin", relative to the folder of the program.
Result<fs::path> weight_file(const std::string& reference, const fs::path& folder) {
  fs::path file = reference.starts_with(model_path) ? reference.substr(model_path.size()) : "";
  if (!file.empty() && !leads_out(file)) return file;
  return fail(ErrorCode::bad_model,
              fmt::format("{} names weights outside the folder: {}", folder.string(), reference),
              "download the model from a source you trust");
}

class BlobReader {
 public:
  BlobReader(const fs::path& folder, std::map<std::string, MappedFile, std::less<>>& weights)
      : folder_(folder), weights_(weights) {}

  Result<void> resolve(MilProgram& program) {
    for (MilFunction& function : program.functions) {
      for (MilOperation& operation : function.operations) {
        for (MilOperation::Input& input : operation.inputs) {
          for (MilArgument& argument : input.arguments) {
            if (!argument.value || !argument.value->blob) continue;
            MilValue value = *argument.value;
            TRY(resolve(value, function, operation));
            argument.value = std::make_shared<const MilValue>(std::move(value));
          }
        }
        for (auto& attribute : operation.attributes) {
          TRY(resolve(attribute.second, function, operation));
        }
      }
    }
    return {};
  }

 private:
  Result<void> resolve(MilValue& value, const MilFunction& function,
                       const MilOperation& operation) {
    if (!value.blob) return {};
    const auto found = find(value);
    if (!found.ok()) {
      Error error = found.error();
      error.message += fmt::format(" (function {}, operation {})", function.name, operation.text());
      return error;
    }
    value.blob = *found;
    return {};
  }

  Result<MilBlob> find(const MilValue& value) {
    const fs::path file = TRY(weight_file(value.blob->file, folder_));
    const MappedFile& weights = *TRY(open(file));
    const std::uint64_t place = TRY(
        find_mil_blob(weights.bytes(), value.blob->offset, value.type, (folder_ / file).string()));
    return MilBlob{file.string(), place};
  }

  Result<const MappedFile*> open(const fs::path& file) {
    const auto known = weights_.find(file.string());
    if (known != weights_.end()) return &known->second;
    std::error_code error;
    if (!fs::exists(folder_ / file, error)) {
      return incomplete_folder(folder_.string(), fmt::format("{} is missing", file.string()));
    }
    if (weights_.size() == most_weight_files) {
      return fail(ErrorCode::bad_model, fmt::format("{} names more than {} files of weights",
                                                    folder_.string(), most_weight_files));
    }
    return &weights_.emplace(file.string(), TRY(MappedFile::open(folder_ / file))).first->second;
  }

  const fs::path& folder_;
  std::map<std::string, MappedFile, std::less<>>& weights_;
};

}  // namespace

Result<fs::path> coreml_specification(const fs::path& package) {
  const fs::path manifest = package / "Manifest.json";
  std::error_code error;
  if (!fs::exists(manifest, error))
    return incomplete_folder(package.string(), "it has no Manifest.json");
  const json content = TRY(read_json_object(manifest));
  const json item =
      part(part(content, "itemInfoEntries"), text(content, "rootModelIdentifier").c_str());
  const fs::path path = text(item, "path");
  if (path.empty()) return incomplete_folder(package.string(), "its Manifest.json names no model");
  if (leads_out(path)) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} names a model outside the folder", manifest.string()),
                "download the model from a source you trust");
  }
  if (!fs::exists(package / "Data" / path, error)) {
    return incomplete_folder(package.string(), fmt::format("{} is missing", path.string()));
  }
  return package / "Data" / path;
}

Result<CoremlPackage> CoremlPackage::open(const fs::path& path) {
  CoremlPackage package;
  package.path_ = path;
  std::error_code error;
  if (fs::exists(path / "Manifest.json", error)) {
    package.specification_ = TRY(coreml_specification(path));
    const auto source = TRY(open_file_source(package.specification_));
    package.model_ = TRY(read_mlmodel(*source, package.specification_));
  } else {
    package.specification_ = path / "model.mil";
    package.model_ = TRY(read_mlmodelc(path));
  }
  TRY(BlobReader(package.specification_.parent_path(), package.weights_)
          .resolve(package.model_.program));
  return package;
}

std::string_view CoremlPackage::bytes(const MilValue& value) const {
  if (!value.blob) return value.bytes;
  return weights_.find(value.blob->file)
      ->second.bytes()
      .substr(value.blob->offset, static_cast<std::size_t>(*value.type.stored_bytes()));
}

}  // namespace tenfold
