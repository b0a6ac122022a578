// tenfold inspect: what a model file holds, from its header.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/command.h"
#include "engine/json.h"
#include "formats/estimate.h"
#include "models/store.h"
#include "service/service.h"

namespace tenfold {
namespace {

constexpr std::int64_t default_most_context = 8192;
constexpr double mebibyte = 1 << 20;

/// The encoding that holds most of the weights.
std::string dominant_encoding(const GgufFile& file) {
  std::map<std::string, std::uint64_t> bytes;
  for (const GgufTensor& tensor : file.tensors) bytes[std::string(tensor.encoding)] += tensor.bytes;
  const auto largest =
      std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  return largest == bytes.end() ? "none" : largest->first;
}

std::string text_of(const GgufFile& file, std::string_view key) {
  const std::string* text = file.text(key);
  return text == nullptr ? std::string() : *text;
}

/// Everything as one object; the text output is made from it.
Result<Json> describe(const std::string& path, std::int64_t wanted_context) {
  const GgufModel model = TRY(open_gguf_model(path));
  const ModelShape shape = TRY(read_shape(model));
  CacheSettings cache;
  cache.context = static_cast<int>(
      wanted_context > 0 ? wanted_context : std::min(shape.trained_context, default_most_context));
  const MemoryEstimate memory = estimate_memory(model, shape, cache);
  const std::string chat_template = text_of(model.header, "tokenizer.chat_template");
  Json engines = Json::array();
  for (const EngineEntry* entry : engines_for_format("gguf")) {
    engines.push_back({{"name", entry->id}, {"installed", is_installed(*entry)}});
  }
  return Json{{"path", path},
              {"format", fmt::format("gguf {}", model.header.version)},
              {"name", text_of(model.header, "general.name")},
              {"architecture", model.architecture},
              {"parameters", model.parameters},
              {"quantization", dominant_encoding(model.header)},
              {"file_bytes", model.header.file_bytes},
              {"files", model.files},
              {"trained_context", shape.trained_context},
              {"layers", shape.layers.size()},
              {"embedding", shape.embedding},
              {"vocabulary_size", shape.vocabulary},
              {"tokenizer", text_of(model.header, "tokenizer.ggml.model")},
              {"pre_tokenizer", text_of(model.header, "tokenizer.ggml.pre")},
              {"chat_template", chat_template.empty() ? Json(nullptr) : Json(chat_template)},
              {"memory_estimate",
               {{"context", cache.context},
                {"weights", memory.weights},
                {"cache", memory.cache},
                {"compute", memory.compute},
                {"overhead", memory.overhead},
                {"total", memory.total()}}},
              {"engines", std::move(engines)}};
}

std::string mib(const Json& bytes) {
  const double value = bytes.get<double>() / mebibyte;
  return fmt::format("{:.{}f} MiB", value, value < 10 ? 1 : 0);
}

void print(const Json& model, Console& console) {
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.line(fmt::format("{:<16} {}", name, value));
  };
  const auto text = [&](const char* key) { return model[key].get<std::string>(); };
  row("file", text("path"));
  row("size", mib(model["file_bytes"]));
  row("format", text("format"));
  row("name", text("name"));
  row("architecture", text("architecture"));
  row("parameters", fmt::format("{:.1f} million", model["parameters"].get<double>() / 1e6));
  row("quantization", text("quantization"));
  row("context", fmt::format("{} tokens", model["trained_context"].get<std::int64_t>()));
  row("tokenizer", fmt::format("{} {}, {} tokens", text("tokenizer"), text("pre_tokenizer"),
                               model["vocabulary_size"].get<std::int64_t>()));
  row("chat template", model["chat_template"].is_null() ? "no (use --raw)" : "yes");
  const Json& memory = model["memory_estimate"];
  row("memory", fmt::format("about {} with a context of {} tokens: weights {}, cache {}, other {}",
                            mib(memory["total"]), memory["context"].get<int>(),
                            mib(memory["weights"]), mib(memory["cache"]),
                            mib(memory["compute"].get<std::uint64_t>() +
                                memory["overhead"].get<std::uint64_t>())));
  std::string engines;
  for (const Json& engine : model["engines"]) {
    engines += fmt::format("{}{}{}", engines.empty() ? "" : ", ", engine["name"].get<std::string>(),
                           engine["installed"].get<bool>() ? "" : " (not installed)");
  }
  row("engines", engines);
}

}  // namespace

Result<ExitCode> inspect_command(CommandContext& context) {
  const std::string path = TRY(resolve_model(context.words[0])).string();
  const Json model = TRY(describe(path, context.settings.integer("ctx").value_or(0)));
  if (context.console.json()) {
    context.console.object(model);
  } else {
    print(model, context.console);
  }
  return ExitCode::ok;
}

}  // namespace tenfold
