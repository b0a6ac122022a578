#include "models/store.h"

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/paths.h"

namespace tenfold {
namespace {

constexpr std::size_t largest_record = 64 << 10;

std::filesystem::path record_path(const CatalogueModel& model) {
  return models_folder() / (model.name + ".json");
}

}  // namespace

std::filesystem::path models_folder() { return data_folder() / "models"; }

std::filesystem::path stored_path(const CatalogueModel& model) {
  return models_folder() / (model.name + "." + model.format);
}

bool is_stored(const CatalogueModel& model) {
  std::error_code error;
  if (std::filesystem::file_size(stored_path(model), error) != model.bytes || error) return false;
  const Result<std::string> text = read_file(record_path(model), largest_record);
  if (!text.ok()) return false;
  const auto record = nlohmann::json::parse(text.value(), nullptr, false);
  return record.is_object() && record.value("sha256", nlohmann::json()) == model.sha256;
}

Result<void> record_as_stored(const CatalogueModel& model) {
  const nlohmann::json record{
      {"name", model.name}, {"bytes", model.bytes}, {"sha256", model.sha256}};
  return write_file_atomically(record_path(model), record.dump(2) + "\n");
}

Result<std::filesystem::path> resolve_model(std::string_view name_or_path) {
  if (const CatalogueModel* model = built_in_catalogue().find(name_or_path)) {
    if (is_stored(*model)) return stored_path(*model);
    return fail(ErrorCode::not_found, "the model " + model->name + " is not downloaded",
                "run: tenfold pull " + model->name);
  }
  std::filesystem::path path(name_or_path);
  std::error_code error;
  if (std::filesystem::exists(path, error)) return path;
  if (name_or_path.find('/') != std::string_view::npos) {
    return fail(ErrorCode::not_found, "there is no file " + path.string(), "check the path");
  }
  return fail(ErrorCode::not_found,
              "there is no model or file called \"" + std::string(name_or_path) + "\"",
              "give the path of a model file, or one of: " + built_in_catalogue().names());
}

}  // namespace tenfold
