// tenfold inspect: what a model file holds, from its header, and which engines can run it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "engine/json.h"
#include "formats/estimate.h"
#include "formats/untrusted.h"
#include "models/store.h"
#include "service/service.h"

namespace tenfold {
namespace {

constexpr std::int64_t default_most_context = 8192;

/// null for what the format does not tell.
Json known(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
template <typename Number>
Json known(Number number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json describe_memory(const ModelDescription& model, std::int64_t wanted_context) {
  if (!model.shape || model.weight_bytes == 0) return nullptr;
  CacheSettings cache;
  cache.key_type = cache.value_type = model.cache_type;
  const std::int64_t trained =
      model.trained_context > 0 ? model.trained_context : default_most_context;
  cache.context = static_cast<int>(wanted_context > 0 ? wanted_context
                                                      : std::min(trained, default_most_context));
  const MemoryEstimate memory = estimate_memory(model.weight_bytes, *model.shape, cache);
  return {{"context", cache.context},  {"weights", memory.weights},   {"cache", memory.cache},
          {"compute", memory.compute}, {"overhead", memory.overhead}, {"total", memory.total()}};
}

/// All ten: whether each can run the model, and why not.
Json describe_engines(const ModelDescription& model) {
  const std::vector<const EngineEntry*> fitting = engines_for_format(model.format);
  Json engines = Json::array();
  for (const EngineEntry& entry : engine_table()) {
    const bool opens = std::ranges::find(fitting, &entry) != fitting.end();
    const bool installed = is_installed(entry);
    std::string reason;
    if (!opens) {
      reason = entry.exists_here ? fmt::format("opens {}, not {}", entry.formats, model.format)
                                 : std::string(entry.why_absent);
    } else if (!installed) {
      reason = entry.why_absent;
    }
    engines.push_back({{"name", entry.id},
                       {"can_run", opens && installed},
                       {"opens_format", opens},
                       {"installed", installed},
                       {"reason", known(reason)}});
  }
  return engines;
}

/// Why nothing can run it, whatever is installed; empty where an engine opens the format.
std::string unopened(const std::string& format) {
  if (!engines_for_format(format).empty()) return {};
  const Error error = no_engine_opens(format);
  return error.message + (error.hint.empty() ? "" : "; " + error.hint);
}

/// Everything as one object; the text output is made from it.
Json describe(const ModelDescription& model, std::int64_t wanted_context) {
  const Json layers = model.shape ? Json(model.shape->layers.size()) : Json(nullptr);
  return Json{{"path", model.path},
              {"format", model.format},
              {"format_details", known(model.details)},
              {"name", known(model.name)},
              {"architecture", known(model.architecture)},
              {"parameters", known(model.parameters)},
              {"quantization", known(model.quantization)},
              {"file_bytes", model.bytes},
              {"files", model.files},
              {"trained_context", known(model.trained_context)},
              {"layers", layers},
              {"vocabulary_size", known(model.vocabulary)},
              {"tokenizer", known(model.tokenizer)},
              {"chat_template", known(model.chat_template)},
              {"memory_estimate", describe_memory(model, wanted_context)},
              {"unopened", known(unopened(model.format))},
              {"engines", describe_engines(model)}};
}

/// The engines that open the format, then those that do not, by reason.
void print_engines(const Json& engines, const std::string& unopened, Console& console) {
  std::string able;
  for (const Json& engine : engines) {
    if (!engine["opens_format"].get<bool>()) continue;
    able += fmt::format("{}{}{}", able.empty() ? "" : ", ", engine["name"].get<std::string>(),
                        engine["installed"].get<bool>() ? "" : " (not installed)");
  }
  console.line(fmt::format("{:<16} {}", "engines", able.empty() ? unopened : able));
  for (const Json& engine : engines) {
    if (engine["opens_format"].get<bool>()) continue;
    console.line(fmt::format("  not {:<19} {}", engine["name"].get<std::string>(),
                             engine["reason"].get<std::string>()));
  }
}

void print(const Json& model, Console& console) {
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.line(fmt::format("{:<16} {}", name, value));
  };
  const auto text = [&](const char* key) {
    return model[key].is_null() ? std::string() : model[key].get<std::string>();
  };
  const auto number = [&](const char* key, std::string_view unit) {
    return model[key].is_null() ? std::string()
                                : fmt::format("{} {}", model[key].get<std::int64_t>(), unit);
  };
  row("file", text("path"));
  row("size", size_text(model["file_bytes"].get<std::uint64_t>()));
  row("format", fmt::format("{} {}", text("format"), text("format_details")));
  row("name", text("name"));
  row("architecture", text("architecture"));
  if (!model["parameters"].is_null()) {
    row("parameters", fmt::format("{:.1f} million", model["parameters"].get<double>() / 1e6));
  }
  row("quantization", text("quantization"));
  row("context", number("trained_context", "tokens"));
  const std::string vocabulary = number("vocabulary_size", "tokens");
  const std::string tokenizer = text("tokenizer");
  row("tokenizer", tokenizer + (tokenizer.empty() || vocabulary.empty() ? "" : ", ") + vocabulary);
  row("chat template", model["chat_template"].is_null() ? "no (use --raw)" : "yes");
  const Json& memory = model["memory_estimate"];
  if (!memory.is_null()) {
    row("memory",
        fmt::format("about {} with a context of {} tokens: weights {}, cache {}, other {}",
                    size_text(memory["total"].get<std::uint64_t>()), memory["context"].get<int>(),
                    size_text(memory["weights"].get<std::uint64_t>()),
                    size_text(memory["cache"].get<std::uint64_t>()),
                    size_text(memory["compute"].get<std::uint64_t>() +
                              memory["overhead"].get<std::uint64_t>())));
  }
  print_engines(model["engines"], text("unopened"), console);
}

}  // namespace

Result<ExitCode> inspect_command(CommandContext& context) {
  const std::string path = TRY(resolve_model(context.words[0])).string();
  const Json model =
      describe(TRY(describe_untrusted(path)), context.settings.integer("ctx").value_or(0));
  if (context.console.json()) {
    context.console.object(model);
  } else {
    print(model, context.console);
  }
  return ExitCode::ok;
}

}  // namespace tenfold
