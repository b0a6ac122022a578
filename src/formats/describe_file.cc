#include "formats/describe_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/hf_folder.h"
#include "formats/litertlm.h"
#include "formats/mapped_file.h"
#include "formats/pte_header.h"
#include "formats/pte_program.h"
#include "formats/tflite_graph.h"
#include "formats/tokenizer_file.h"
#include "formats/zip.h"

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
  TRY(add_tflite(file.bytes(), path, description));
  TRY(read_hf_folder({folder_of(path)}, description));
  return description;
}

Result<ModelDescription> describe_litertlm(const fs::path& path) {
  const auto source = TRY(open_file_source(path));
  const LitertlmHeader header = TRY(read_litertlm_header(*source, path));
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "litertlm");
  TRY(add_tflite(file.bytes().substr(header.model_offset, header.model_size), path, description));
  const LitertlmMetadata& metadata = header.metadata;
  description.architecture = metadata.architecture;
  description.text.begin_token = metadata.start_text;
  description.text.begin = metadata.start_id;
  description.text.ends = metadata.stop_ids;
  description.text.end_texts = metadata.stop_texts;
  description.text.chat_template = metadata.chat_template;
  if (!description.text.chat_template.empty()) description.text.template_source = path;
  description.sampling = metadata.sampling;
  if (header.external_weights) description.details += ", weights in a section of their own";
  description.tokenizer = header.hf_tokenizer    ? "Hugging Face"
                          : header.sentencepiece ? "SentencePiece"
                                                 : "";
  return description;
}

Result<ModelDescription> describe_task(const fs::path& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  ModelDescription description = start(path, "task");
  for (const ZipEntry& entry : TRY(read_zip(file.bytes(), path))) {
    if (entry.name == "TOKENIZER_MODEL") description.tokenizer = "SentencePiece";
    if (entry.name == "TF_LITE_PREFILL_DECODE" && entry.stored) {
      TRY(add_tflite(file.bytes().substr(entry.begin, entry.size), path, description));
    }
  }
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
