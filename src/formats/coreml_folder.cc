#include "formats/coreml_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/coreml_package.h"
#include "formats/hf_folder.h"
#include "formats/mil_operations.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& folder) {
  // A trailing slash makes an empty last component.
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
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

void add_coreml_files(const CoremlPackage& package, ModelDescription& description) {
  const fs::path inside = package.specification().parent_path();
  description.files.push_back(package.specification());
  for (const char* name : {"Manifest.json", "metadata.json"}) {
    std::error_code error;
    if (fs::exists(package.path() / name, error)) {
      description.files.push_back(package.path() / name);
    }
  }
  for (const auto& [name, weights] : package.weights()) {
    description.weight_bytes += weights.bytes().size();
    description.files.push_back(inside / name);
  }
}

void add_coreml_refusal(const CoremlPackage& package, const std::vector<std::string>& functions,
                        ModelDescription& description) {
  for (const std::string& name : functions) {
    if (description.refusal) return;
    const MilFunction* function = package.program().function(name);
    if (function == nullptr) {
      description.refusal =
          fail(ErrorCode::unsupported,
               fmt::format("{} has no function {}", package.path().string(), name));
      return;
    }
    const auto checked = check_mil_operations(*function, package.path());
    if (!checked.ok()) description.refusal = checked.error();
  }
}

Result<ModelDescription> describe_coreml(const fs::path& folder) {
  const CoremlPackage package = TRY(CoremlPackage::open(folder));
  const MlFunction& main = package.model().main();
  ModelDescription description;
  description.path = folder;
  description.format = package.specification().extension() == ".mil" ? "mlmodelc" : "mlpackage";
  description.details = fmt::format("specification {}, {}", package.model().specification_version,
                                    main.states.empty() ? "stateless" : "stateful");
  description.quantization = quantization_of(package.program());
  // The cache's longest side, or the fixed number of tokens of a model without one.
  description.sizes.context = longest_dimension(main.states.empty() ? main.inputs : main.states);
  add_coreml_files(package, description);
  add_coreml_refusal(package, {main.name}, description);
  TRY(read_hf_folder({beside(folder)}, description));
  return description;
}

}  // namespace tenfold
