#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "formats/describe_file.h"
#include "formats/generation_defaults.h"
#include "formats/gguf_architectures.h"
#include "formats/gguf_shape.h"
#include "formats/gguf_tokenizers.h"
#include "formats/named_templates.h"

namespace tenfold {
namespace {

/// The encoding that holds most of the weights.
std::string dominant_encoding(const GgufFile& file) {
  std::map<std::string, std::uint64_t> bytes;
  for (const GgufTensor& tensor : file.tensors) bytes[std::string(tensor.encoding)] += tensor.bytes;
  const auto largest =
      std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  return largest == bytes.end() ? "none" : largest->first;
}

}  // namespace

Result<ModelDescription> describe_gguf(const std::filesystem::path& path) {
  GgufModel model = TRY(open_gguf_model(path));
  const auto text_of = [&](std::string_view key) {
    const std::string* text = model.header.text(key);
    return text == nullptr ? std::string() : *text;
  };
  ModelDescription description;
  description.path = path;
  description.format = "gguf";
  description.details = fmt::format("version {}", model.header.version);
  description.title = text_of("general.name");
  description.architecture = model.architecture;
  description.quantization = dominant_encoding(model.header);
  description.tokenizer = text_of("tokenizer.ggml.model");
  if (const std::string pre = text_of("tokenizer.ggml.pre"); !pre.empty()) {
    description.tokenizer += " " + pre;
  }
  description.text.chat_template = chat_template_of(model.header);
  if (!description.text.chat_template.empty()) description.text.template_source = path;
  description.file = path;
  description.files.assign(model.files.begin(), model.files.end());
  description.weight_bytes = model.tensor_bytes;
  description.parameters = model.parameters;
  description.sampling = sampling_of_gguf(model.header);
  const auto runs = check_gguf_architecture(model.architecture, path);
  const auto reads = check_gguf_tokenizer(model.header, path);
  if (!runs.ok()) {
    description.refusal = runs.error();
  } else if (!reads.ok()) {
    description.refusal = reads.error();
  }
  auto shape = read_shape(model);
  // Where the architecture is unknown, the names of its keys are, too.
  if (!shape.ok()) return runs.ok() ? Result<ModelDescription>(shape.error()) : description;
  description.shape = std::move(shape).value();
  description.sizes.context = description.shape->trained_context;
  description.sizes.vocabulary = description.shape->vocabulary;
  description.vocabulary = description.shape->vocabulary;
  return description;
}

}  // namespace tenfold
