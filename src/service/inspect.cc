#include "service/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/sampling.h"
#include "formats/estimate.h"
#include "formats/untrusted.h"
#include "service/recommendation.h"
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

/// As an engine samples that has everything.
Json describe_sampling(const Sampling& settings, const Sampling& model) {
  const auto all = core_request_options();
  const std::vector<std::string> options(all.begin(), all.end());
  const SamplingLayer layers[] = {{SamplingSource::settings, settings},
                                  {SamplingSource::model, model}};
  return explain_sampling(layers, options);
}

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

}  // namespace

Result<Json> inspect_model(const std::filesystem::path& path, std::int64_t context,
                           const Sampling& settings) {
  const ModelDescription model = TRY(describe_untrusted(path));
  auto store = TRY(ModelStore::open());
  const auto stored = TRY(store.find_path(model.path));
  Json json = describe(model, context);
  json["sampling"] =
      describe_sampling(settings, recommended_sampling(model, stored ? &*stored : nullptr));
  return json;
}

}  // namespace tenfold
