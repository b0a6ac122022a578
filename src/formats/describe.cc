// Chooses the reader by the detected format.
#include "formats/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "formats/anemll_folder.h"
#include "formats/coreml_folder.h"
#include "formats/describe_file.h"
#include "formats/family_template.h"
#include "formats/mlc_folder.h"
#include "formats/model_path.h"
#include "formats/safetensors_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

using Describe = Result<ModelDescription> (*)(const fs::path&);

Describe reader_of(std::string_view format) {
  static const std::map<std::string_view, Describe> readers{
      {"gguf", describe_gguf},           {"safetensors", describe_safetensors_folder},
      {"onnx", describe_onnx},           {"pte", describe_pte},
      {"tflite", describe_tflite},       {"litertlm", describe_litertlm},
      {"task", describe_task},           {"mlpackage", describe_coreml},
      {"mlmodelc", describe_coreml},     {"mlc", describe_mlc_folder},
      {"tokenizer", describe_tokenizer}, {"pllm", describe_pllm},
      {"anemll", describe_anemll_folder}};
  return readers.at(format);
}

}  // namespace

Result<ModelDescription> describe_model(const fs::path& path) {
  const DetectedModel found = TRY(detect_model_by_all_bytes(path));
  ModelDescription description = TRY(reader_of(found.format)(found.path));
  add_family_template(description);
  std::ranges::sort(description.files);
  auto& files = description.files;
  files.erase(std::unique(files.begin(), files.end()), files.end());
  for (const fs::path& file : description.files) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) description.bytes += size;
  }
  return description;
}

}  // namespace tenfold
