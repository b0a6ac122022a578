#include "formats/coreml_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/hf_folder.h"
#include "formats/mlmodel.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path beside(const fs::path& folder) {
  // A trailing slash makes an empty last component.
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
}

Error incomplete(const fs::path& folder, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("{} is incomplete: {}", folder.string(), what),
              "copy or download the whole folder again");
}

/// The specification that the manifest names.
Result<fs::path> specification(const fs::path& folder) {
  const fs::path manifest = folder / "Manifest.json";
  std::error_code error;
  if (!fs::exists(manifest, error)) return incomplete(folder, "it has no Manifest.json");
  const json content = TRY(read_json_object(manifest));
  const json item =
      part(part(content, "itemInfoEntries"), text(content, "rootModelIdentifier").c_str());
  const fs::path path = text(item, "path");
  if (path.empty()) return incomplete(folder, "its Manifest.json names no model");
  if (path.is_absolute() || std::ranges::find(path, fs::path("..")) != path.end()) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} names a model outside the folder", manifest.string()),
                "download the model from a source you trust");
  }
  if (!fs::exists(folder / "Data" / path, error)) {
    return incomplete(folder, fmt::format("{} is missing", path.string()));
  }
  return folder / "Data" / path;
}

void add_weights(const fs::path& weights, ModelDescription& description) {
  std::error_code error;
  const auto size = fs::file_size(weights, error);
  if (error) return;
  description.weight_bytes = size;
  description.files.push_back(weights);
}

std::string quantization_of(const MlModel& model) {
  std::string kinds;
  const auto add = [&](bool has, const char* kind) {
    if (has) kinds += (kinds.empty() ? "" : ", ") + std::string(kind);
  };
  add(model.has_lookup_tables, "palettes");
  add(model.has_scaled_integers, "integers with scales");
  add(model.has_sparse_weights, "sparse");
  return kinds.empty() ? "none" : kinds;
}

std::int64_t longest_dimension(const std::vector<MlFeature>& features) {
  std::int64_t longest = 0;
  for (const MlFeature& feature : features) {
    for (const std::int64_t size : feature.shape) longest = std::max(longest, size);
  }
  return longest < (std::int64_t{1} << 31) ? longest : 0;
}

}  // namespace

Result<ModelDescription> describe_mlpackage(const fs::path& folder) {
  const fs::path path = TRY(specification(folder));
  const auto source = TRY(open_file_source(path));
  const MlModel model = TRY(read_mlmodel(*source, path));
  ModelDescription description;
  description.path = folder;
  description.format = "mlpackage";
  description.details = fmt::format("specification {}, {}", model.specification_version,
                                    model.states.empty() ? "stateless" : "stateful");
  description.quantization = quantization_of(model);
  // The cache's longest side, or the fixed number of tokens of a model without one.
  description.sizes.context = longest_dimension(model.states.empty() ? model.inputs : model.states);
  description.files = {folder / "Manifest.json", path};
  add_weights(path.parent_path() / "weights" / "weight.bin", description);
  TRY(read_hf_folder({beside(folder)}, description));
  return description;
}

Result<ModelDescription> describe_mlmodelc(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "coremldata.bin", error)) {
    return incomplete(folder, "it has no coremldata.bin");
  }
  ModelDescription description;
  description.path = folder;
  description.format = "mlmodelc";
  description.files = {folder / "coremldata.bin"};
  const fs::path metadata = folder / "metadata.json";
  if (fs::exists(metadata, error)) {
    const json content = TRY(read_bounded_json(metadata));
    const json model = content.is_array() && !content.empty() ? content[0] : content;
    if (!model.is_object()) return incomplete(folder, "its metadata.json describes no model");
    description.details = fmt::format("specification {}", positive(model, "specificationVersion"));
    description.quantization = text(model, "storagePrecision");
    description.files.push_back(metadata);
  }
  add_weights(folder / "weights" / "weight.bin", description);
  TRY(read_hf_folder({beside(folder)}, description));
  return description;
}

}  // namespace tenfold
