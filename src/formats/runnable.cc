#include "formats/runnable.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/table.h"
#include "formats/describe.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

/// Formats that hold no tokenizer: it lies beside them.
constexpr std::string_view without_tokenizer[] = {"onnx",      "pte",      "tflite", "safetensors",
                                                  "mlpackage", "mlmodelc", "anemll", "mlc"};

/// Where its tokenizer would lie.
fs::path text_folder(const ModelDescription& model) {
  if (model.format == "mlpackage" || model.format == "mlmodelc")
    return fs::absolute(model.path).parent_path();
  return model.file.empty() ? model.path : fs::absolute(model.file).parent_path();
}

Error no_tokenizer(const fs::path& folder) {
  return fail(ErrorCode::bad_model, "there is no tokenizer in " + folder.string(),
              "put the tokenizer.json or tokenizer.model that belongs to the model there");
}

}  // namespace

Result<void> check_runnable(const ModelDescription& model) {
  if (engines_for_format(model.format).empty()) {
    Error error = no_engine_opens(model.format);
    error.message = fmt::format("{}: {}", model.path.string(), error.message);
    return error;
  }
  if (model.refusal) return *model.refusal;
  const bool beside =
      std::ranges::find(without_tokenizer, model.format) != std::ranges::end(without_tokenizer);
  if (beside && model.text.tokenizer.empty()) return no_tokenizer(text_folder(model));
  return {};
}

void make_absolute(ResolvedModel& model) {
  const auto whole = [](fs::path& path) {
    if (path.empty()) return;
    path = fs::absolute(path);
    // Behind a link ".." is another folder than the text says.
    if (std::ranges::find(path, fs::path("..")) == path.end()) path = path.lexically_normal();
  };
  for (fs::path* path :
       {&model.path, &model.file, &model.text.tokenizer, &model.text.template_source}) {
    whole(*path);
  }
  for (fs::path& path : model.files) whole(path);
}

Result<ModelDescription> resolve_file(const fs::path& path) {
  ModelDescription model = TRY(describe_model(path));
  TRY(check_runnable(model));
  make_absolute(model);
  return model;
}

}  // namespace tenfold
