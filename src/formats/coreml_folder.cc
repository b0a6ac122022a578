#include "formats/coreml_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/coreml_package.h"
#include "formats/damaged.h"
#include "formats/hf_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path beside(const fs::path& folder) {
  // A trailing slash makes an empty last component.
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
}

void add_weights(const fs::path& weights, ModelDescription& description) {
  std::error_code error;
  const auto size = fs::file_size(weights, error);
  if (error) return;
  description.weight_bytes = size;
  description.files.push_back(weights);
}

std::string quantization_of(const MilProgram& program) {
  bool palettes = false;
  bool integers = false;
  bool sparse = false;
  for (const MilFunction& function : program.functions) {
    for (const MilOperation& operation : function.operations) {
      if (!operation.type.starts_with("constexpr_")) continue;
      const auto mentions = [&](const char* word) {
        return operation.type.find(word) != std::string::npos;
      };
      palettes |= mentions("lut");
      integers |= mentions("affine") || mentions("scale");
      sparse |= mentions("sparse");
    }
  }
  std::string kinds;
  const auto add = [&](bool has, const char* kind) {
    if (has) kinds += (kinds.empty() ? "" : ", ") + std::string(kind);
  };
  add(palettes, "palettes");
  add(integers, "integers with scales");
  add(sparse, "sparse");
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
  const CoremlPackage package = TRY(CoremlPackage::open(folder));
  const MlFunction& main = package.model().main();
  ModelDescription description;
  description.path = folder;
  description.format = "mlpackage";
  description.details = fmt::format("specification {}, {}", package.model().specification_version,
                                    main.states.empty() ? "stateless" : "stateful");
  description.quantization = quantization_of(package.program());
  // The cache's longest side, or the fixed number of tokens of a model without one.
  description.sizes.context = longest_dimension(main.states.empty() ? main.inputs : main.states);
  description.files = {folder / "Manifest.json", package.specification()};
  for (const auto& [name, weights] : package.weights()) {
    description.weight_bytes += weights.bytes().size();
    description.files.push_back(package.specification().parent_path() / name);
  }
  TRY(read_hf_folder({beside(folder)}, description));
  return description;
}

Result<ModelDescription> describe_mlmodelc(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "coremldata.bin", error)) {
    return incomplete_folder(folder.string(), "it has no coremldata.bin");
  }
  ModelDescription description;
  description.path = folder;
  description.format = "mlmodelc";
  description.files = {folder / "coremldata.bin"};
  const fs::path metadata = folder / "metadata.json";
  if (fs::exists(metadata, error)) {
    const json content = TRY(read_bounded_json(metadata));
    const json model = content.is_array() && !content.empty() ? content[0] : content;
    if (!model.is_object())
      return incomplete_folder(folder.string(), "its metadata.json describes no model");
    description.details = fmt::format("specification {}", positive(model, "specificationVersion"));
    description.quantization = text(model, "storagePrecision");
    description.files.push_back(metadata);
  }
  add_weights(folder / "weights" / "weight.bin", description);
  TRY(read_hf_folder({beside(folder)}, description));
  return description;
}

}  // namespace tenfold
