// Opens the parts of a model.
#include "model_source.h"

#include <utility>

#include "formats/byte_source.h"
#include "formats/detect.h"
#include "formats/litertlm.h"
#include "formats/mapped_file.h"
#include "formats/task_bundle.h"
#include "text/file_tokenizer.h"

namespace tenfold::litert {
namespace {

Result<ModelSource> open_tflite(const ResolvedModel& model) {
  const auto file = TRY(open_file_source(model.file));
  TRY(require_format(*file, model.file, "tflite"));
  auto tokenizer = TRY(open_tokenizer(model.text));
  return ModelSource{{model.file, 0, file->size()}, {}, {}, std::move(tokenizer)};
}

ModelSource in_bundle(const std::string& file, const BundledModels& models,
                      std::shared_ptr<const Tokenizer> tokenizer,
                      const std::vector<std::string>& others) {
  const auto range = [&](const std::optional<BundledModel>& model) {
    return model ? std::optional(ModelRange{file, model->offset, model->size, model->weights_offset,
                                            model->weights_size})
                 : std::nullopt;
  };
  return {*range(models.main), range(models.embedder), range(models.per_layer_embedder),
          std::move(tokenizer), unused_parts(others)};
}

Result<ModelSource> open_litertlm(const ResolvedModel& model) {
  const auto file = TRY(open_file_source(model.file));
  const Litertlm bundle = TRY(read_litertlm(*file, model.file));
  auto tokenizer = TRY(open_tokenizer(bundle.form, bundle.tokenizer, model.text, model.file));
  return in_bundle(model.file, bundle.models, std::move(tokenizer), bundle.other_models);
}

Result<ModelSource> open_task(const ResolvedModel& model) {
  const MappedFile file = TRY(MappedFile::open(model.file));
  const TaskBundle bundle = TRY(read_task(file.bytes(), model.file));
  auto tokenizer =
      TRY(open_tokenizer(TokenizerForm::sentencepiece, bundle.tokenizer, model.text, model.file));
  return in_bundle(model.file, bundle.models, std::move(tokenizer), bundle.others);
}

}  // namespace

Result<ModelSource> open_model_source(const ResolvedModel& model) {
  if (model.format == "litertlm") return open_litertlm(model);
  if (model.format == "task") return open_task(model);
  return open_tflite(model);
}

}  // namespace tenfold::litert
