// Opens every shard's header and checks that together they are a model.
#include "formats/gguf_model.h"

#include <fmt/format.h>

#include <filesystem>

#include "formats/detect.h"
#include "formats/shard_name.h"

namespace tenfold {
namespace {

Result<GgufFile> read_file_header(const std::string& path) {
  const auto source = TRY(open_file_source(path));
  TRY(require_format(*source, path, "gguf"));
  return read_gguf(*source, path);
}

Error bad(const std::string& path, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("{}: {}", path, what));
}

Result<void> check_is_model(const GgufModel& model, const std::string& path) {
  const GgufFile& header = model.header;
  const std::string* type = header.text("general.type");
  if (type != nullptr && *type != "model") {
    return fail(ErrorCode::unsupported,
                fmt::format("{} is not a language model; its general.type is \"{}\"", path, *type),
                *type == "adapter" ? "load the base model with this file as the option lora" : "");
  }
  if (model.architecture.empty()) {
    return bad(path, "the metadata lacks general.architecture");
  }
  if (model.architecture == "clip") {
    return fail(ErrorCode::unsupported,
                fmt::format("{} is a vision projector, not a language model", path));
  }
  if (model.parameters == 0) return bad(path, "it holds no weights, only metadata");
  return {};
}

/// The siblings of the first shard, by the naming rule of llama.cpp: NAME-00001-of-00003.gguf.
Result<std::vector<std::string>> shard_paths(const GgufFile& header, const std::string& path) {
  const auto count = header.integer("split.count").value_or(1);
  if (count <= 1) return std::vector{path};
  const auto number = header.integer("split.no").value_or(0) + 1;
  if (count > 1000 || number < 1 || number > count) {
    return bad(path, fmt::format("it claims to be shard {} of {}", number, count));
  }
  const auto name = read_shard_name(path);
  if (!name || name->number != number || name->count != count) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is shard {} of {}, but its name does not end in "
                            "-{:05}-of-{:05}.gguf",
                            path, number, count, number, count),
                "give the shards their original names");
  }
  std::vector<std::string> paths;
  for (int i = 1; i <= name->count; ++i) paths.push_back(name->part(i));
  if (number != 1) {
    return fail(ErrorCode::bad_model, fmt::format("{} is shard {} of {}", path, number, count),
                fmt::format("open the first one, {}", paths.front()));
  }
  for (const std::string& shard : paths) {
    std::error_code ignored;
    if (!std::filesystem::exists(shard, ignored)) {
      return fail(ErrorCode::not_found, fmt::format("{} needs the missing shard {}", path, shard),
                  fmt::format("put all {} shards into one folder", count));
    }
  }
  return paths;
}

}  // namespace

Result<GgufModel> open_gguf_model(const std::string& path) {
  GgufModel model;
  model.header = TRY(read_file_header(path));
  model.files = TRY(shard_paths(model.header, path));
  model.tensor_bytes = model.header.tensor_bytes;
  model.parameters = model.header.parameters;
  for (std::size_t i = 1; i < model.files.size(); ++i) {
    const GgufFile shard = TRY(read_file_header(model.files[i]));
    model.tensor_bytes += shard.tensor_bytes;
    model.parameters += shard.parameters;
  }
  if (const auto* architecture = model.header.text("general.architecture")) {
    model.architecture = *architecture;
  }
  TRY(check_is_model(model, path));
  return model;
}

}  // namespace tenfold
