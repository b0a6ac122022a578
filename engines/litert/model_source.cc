// From a path to the model's parts.
#include "model_source.h"

#include <fmt/format.h>

#include "formats/byte_source.h"
#include "formats/detect.h"
#include "formats/litertlm.h"
#include "formats/model_path.h"
#include "text/hf_text.h"
#include "text/hf_tokenizer.h"

namespace tenfold::litert {
namespace {

Result<ModelSource> open_tflite(const std::string& path, std::uint64_t size) {
  HfText text = TRY(open_hf_text({std::filesystem::absolute(path).parent_path()}));
  return ModelSource{{path, 0, size},
                     "tflite",
                     std::move(text.config.architecture),
                     std::move(text.config.chat_template),
                     std::move(text.tokenizer)};
}

Result<ModelSource> open_bundle(const std::string& path, const ByteSource& file) {
  Litertlm bundle = TRY(read_litertlm(file, path));
  HfConfig config;
  config.bos_token = std::move(bundle.metadata.start_text);
  config.bos_id = bundle.metadata.start_id;
  config.ends = std::move(bundle.metadata.stop_ids);
  config.end_texts = std::move(bundle.metadata.stop_texts);
  ModelSource source;
  source.range = {path, bundle.model_offset, bundle.model_size};
  source.format = "litertlm";
  source.architecture = std::move(bundle.metadata.architecture);
  source.chat_template = std::move(bundle.metadata.chat_template);
  source.tokenizer = TRY(open_hf_tokenizer(bundle.tokenizer_json, config, path));
  return source;
}

/// MediaPipe's bundle is a ZIP archive with a SentencePiece tokenizer.
Result<void> refuse_task(const std::filesystem::path& path) {
  if (path.extension() != ".task") return {};
  return fail(ErrorCode::unsupported,
              fmt::format("{} is a MediaPipe bundle (.task), which this engine does not open",
                          path.string()),
              "use the .litertlm or the .tflite with tokenizer.json of the same model");
}

}  // namespace

Result<ModelSource> open_model_source(const std::string& path) {
  std::error_code error;
  std::string model = path;
  if (std::filesystem::is_directory(path, error)) {
    model = TRY(detect_model(path)).path.string();
  }
  const auto file = TRY(open_file_source(model));
  TRY(refuse_task(model));
  const std::string_view format = TRY(detect_format(*file, model));
  if (format == "litertlm") return open_bundle(model, *file);
  TRY(require_format(*file, model, "tflite"));
  return open_tflite(model, file->size());
}

}  // namespace tenfold::litert
