// tenfold inspect: what a model file holds, from its header, and which engines can run it.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/presets.h"
#include "cli/request_settings.h"
#include "engine/sampling.h"
#include "models/store.h"
#include "service/inspect.h"

namespace tenfold {
namespace {

/// The engines that can run it, or why none can; then those that do not open the format, by reason.
void print_engines(const Json& engines, const std::string& unopened, Console& console) {
  std::string able;
  for (const Json& engine : engines) {
    if (!engine["opens_format"].get<bool>()) continue;
    able += fmt::format("{}{}{}", able.empty() ? "" : ", ", engine["name"].get<std::string>(),
                        engine["installed"].get<bool>() ? "" : " (not installed)");
  }
  console.line(fmt::format("{:<16} {}", "engines", unopened.empty() ? able : unopened));
  for (const Json& engine : engines) {
    if (engine["opens_format"].get<bool>()) continue;
    console.line(fmt::format("  not {:<19} {}", engine["name"].get<std::string>(),
                             engine["reason"].get<std::string>()));
  }
}

/// "temperature 0.2 (model), …" of what somebody said; the rest is as for every model.
std::string sampling_text(const Json& sampling) {
  std::string text;
  for (const auto& [name, decided] : sampling.items()) {
    const auto from = decided["from"].get<std::string>();
    if (from == to_string(SamplingSource::tenfold)) continue;
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", name, decided["value"].dump(),
                        from == to_string(SamplingSource::model) ? "the model's own" : from);
  }
  return text.empty() ? "Tenfold's defaults" : text;
}

void print_model(const Json& model, Console& console) {
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
  // A format that does not tell of its tokenizer does not tell of its template either.
  const bool is_closed = tokenizer.empty() && vocabulary.empty();
  const std::string family = text("chat_template_family");
  row("chat template", !family.empty() ? "that of " + family + " models: the files have none"
                       : !model["chat_template"].is_null() ? "yes"
                       : is_closed                         ? ""
                                                           : "no (use --raw)");
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
  row("sampling", sampling_text(model["sampling"]));
  print_engines(model["engines"], text("unopened"), console);
}

}  // namespace

Result<ExitCode> inspect_command(CommandContext& context) {
  const std::string& model_name = context.words[0];
  const std::string path = TRY(find_model(context.store, model_name)).string();
  const Settings answering = TRY(Settings::resolve(in_run, {}, context.source));
  const auto asked = request_from(answering);
  const SamplingLayer layers[] = {
      {SamplingSource::settings, asked.ok() ? asked->sampling : Sampling()},
      {SamplingSource::preset,
       model_preset(context.store, context.source.config_path, model_name)}};
  const Json model =
      TRY(inspect_model(context.store, path, context.settings.integer("ctx").value_or(0), layers));
  if (context.console.json()) {
    context.console.object(model);
  } else {
    print_model(model, context.console);
  }
  return ExitCode::ok;
}

}  // namespace tenfold
