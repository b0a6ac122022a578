// Opens the parts of a model.
#include "model_source.h"

#include "formats/byte_source.h"
#include "formats/detect.h"
#include "formats/litertlm.h"
#include "text/file_tokenizer.h"

namespace tenfold::litert {
namespace {

Result<ModelSource> open_tflite(const ResolvedModel& model) {
  const auto file = TRY(open_file_source(model.file));
  TRY(require_format(*file, model.file, "tflite"));
  return ModelSource{{model.file, 0, file->size()}, TRY(open_tokenizer(model.text))};
}

Result<ModelSource> open_bundle(const ResolvedModel& model) {
  const auto file = TRY(open_file_source(model.file));
  const Litertlm bundle = TRY(read_litertlm(*file, model.file));
  return ModelSource{{model.file, bundle.model_offset, bundle.model_size},
                     TRY(open_tokenizer(bundle.form, bundle.tokenizer, model.text, model.file))};
}

}  // namespace

Result<ModelSource> open_model_source(const ResolvedModel& model) {
  return model.format == "litertlm" ? open_bundle(model) : open_tflite(model);
}

}  // namespace tenfold::litert
