#include "formats/describe_file.h"

#include "formats/hf_folder.h"
#include "formats/litertlm.h"
#include "formats/mapped_file.h"
#include "formats/pte_header.h"
#include "formats/pte_program.h"
#include "formats/task_bundle.h"
#include "formats/tflite_graph.h"
#include "formats/tokenizer_file.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

ModelDescription start(const fs::path& path, std::string_view format) {
  ModelDescription description;
  description.path = path;
  description.format = format;
  description.file = path;
  description.files = {path};
  return description;
}

/// The TFLite models of a bundle.
Result<void> add_bundle(std::string_view bytes, const BundledModels& models,
                        ModelDescription& description) {
  const auto part = [&](const std::optional<BundledModel>& model) {
    return model ? std::optional(
                       TfliteBytes{bytes.substr(model->offset, model->size), model->weights_size})
                 : std::nullopt;
  };
  return add_tflite(*part(models.main), description.path, description,
                    {part(models.embedder), part(models.per_layer_embedder)});
}

fs::path folder_of(const fs::path& path) { return fs::absolute(path).parent_path(); }

}  // namespace

Result<ModelDescription> describe_pte(const fs::path& path) {
  const auto source = TRY(open_file_source(path));
  const PteHeader header = TRY(read_pte_header(*source, path));
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "pte");
  TRY(add_pte_program(file.bytes().substr(0, header.program), path, description));
  description.weight_bytes = header.segments > 0 ? header.segments : header.program;
  TRY(read_hf_folder({folder_of(path)}, description));
  return description;
}

Result<ModelDescription> describe_tflite(const fs::path& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "tflite");
  TRY(add_tflite({file.bytes()}, path, description));
  TRY(read_hf_folder({folder_of(path)}, description));
  return description;
}

Result<ModelDescription> describe_litertlm(const fs::path& path) {
  const auto source = TRY(open_file_source(path));
  const LitertlmHeader header = TRY(read_litertlm_header(*source, path));
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "litertlm");
  TRY(add_bundle(file.bytes(), header.models, description));
  add_metadata(header.metadata, description);
  description.details += unused_parts(header.other_models);
  description.tokenizer = header.hf_tokenizer ? "Hugging Face" : "SentencePiece";
  return description;
}

Result<ModelDescription> describe_task(const fs::path& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "task");
  const TaskBundle bundle = TRY(read_task(file.bytes(), path));
  TRY(add_bundle(file.bytes(), bundle.models, description));
  const TokenizerFile tokenizer =
      TRY(read_sentencepiece(bundle.tokenizer, path.string() + " (TOKENIZER_MODEL)"));
  description.tokenizer = tokenizer.kind;
  description.turn_mark = tokenizer.turn_mark;
  add_metadata(bundle.metadata, description);
  description.details += unused_parts(bundle.others);
  return description;
}

Result<ModelDescription> describe_tokenizer(const fs::path& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  const TokenizerFile tokenizer = TRY(read_tokenizer_file(file.bytes(), path));
  ModelDescription description = start(path, "tokenizer");
  description.details = "a tokenizer without a model";
  description.tokenizer = tokenizer.kind;
  description.vocabulary = tokenizer.vocabulary;
  return description;
}

Result<ModelDescription> describe_pllm(const fs::path& path) {
  ModelDescription description = start(path, "pllm");
  description.details = "(not public: read by picoLLM alone)";
  description.weight_bytes = TRY(open_file_source(path))->size();
  return description;
}

}  // namespace tenfold
