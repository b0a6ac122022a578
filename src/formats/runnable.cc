#include "formats/runnable.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/table.h"
#include "formats/describe.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

/// Formats that hold no tokenizer: it lies beside them.
constexpr std::string_view without_tokenizer[] = {"onnx",        "pte",       "tflite",
                                                  "safetensors", "mlpackage", "mlc"};
/// How the hubs name a SentencePiece model.
constexpr const char* sentencepiece_names[] = {"tokenizer.model", "spiece.model",
                                               "sentencepiece.bpe.model"};

/// Where its tokenizer would lie.
fs::path text_folder(const ModelDescription& model) {
  if (model.format == "mlpackage") return fs::absolute(model.path).parent_path();
  return model.file.empty() ? model.path : fs::absolute(model.file).parent_path();
}

Error no_tokenizer(const fs::path& folder) {
  std::error_code error;
  for (const char* name : sentencepiece_names) {
    if (!fs::exists(folder / name, error)) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("{} is a SentencePiece tokenizer, which is not read; there is no "
                            "tokenizer.json beside it",
                            (folder / name).string()),
                "save it as tokenizer.json with Python's transformers (save_pretrained of its fast "
                "tokenizer), and put that there");
  }
  return fail(ErrorCode::not_found, "there is no tokenizer.json in " + folder.string(),
              "put the tokenizer.json that belongs to the model there");
}

}  // namespace

Result<void> check_runnable(const ModelDescription& model) {
  if (engines_for_format(model.format).empty()) {
    Error error = no_engine_opens(model.format);
    error.message = fmt::format("{}: {}", model.path.string(), error.message);
    return error;
  }
  if (model.format == "litertlm" && model.tokenizer == "SentencePiece") {
    return fail(ErrorCode::unsupported,
                model.path.string() + " has a SentencePiece tokenizer only, which is not read",
                "choose a bundle with a Hugging Face tokenizer, or a .tflite with tokenizer.json "
                "beside it");
  }
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
