#include "service/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/runnable.h"
#include "formats/untrusted.h"
#include "service/memory_need.h"
#include "service/outlook.h"
#include "service/service.h"
#include "service/worker_access.h"

namespace tenfold {
namespace {

/// null for what the format does not tell.
Json known(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
template <typename Number>
Json known(Number number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json names_of(const std::vector<std::filesystem::path>& paths) {
  Json names = Json::array();
  for (const auto& path : paths) names.push_back(path.string());
  return names;
}

Json describe_memory(const ModelDescription& model, const LoadOptions& load) {
  const auto memory = estimate_load(model, load, {});
  if (!memory) return nullptr;
  return {{"context", loaded_context(model, load)},
          {"weights", memory->weights},
          {"cache", memory->cache},
          {"compute", memory->compute},
          {"overhead", memory->overhead},
          {"total", memory->total()}};
}

/// All ten: whether each can run the model and what its worker may touch then, or why not.
Json describe_engines(const ModelDescription& model, const LoadOptions& load) {
  const auto runnable = check_runnable(model);
  const std::vector<const EngineEntry*> fitting = engines_for_format(model.format);
  Json engines = Json::array();
  for (const EngineEntry& entry : engine_table()) {
    const bool opens = std::ranges::find(fitting, &entry) != fitting.end();
    const bool installed = is_installed(entry);
    std::string reason;
    if (!opens) {
      reason = entry.exists_here ? fmt::format("opens {}, not {}", entry.formats, model.format)
                                 : std::string(entry.why_absent);
    } else if (!runnable.ok()) {
      reason = runnable.error().message;
    } else if (model.unready) {
      reason = clause(*model.unready);
    } else if (!installed) {
      reason = entry.why_absent;
    }
    engines.push_back({{"name", entry.id},
                       {"can_run", opens && installed && runnable.ok() && !model.unready},
                       {"opens_format", opens},
                       {"installed", installed},
                       {"access", opens ? to_json(worker_access(model, load, entry)) : Json()},
                       {"reason", known(reason)}});
  }
  return engines;
}

/// Why nothing can run it, whatever is installed; empty where an engine of the table would.
std::string unopened(const ModelDescription& model) {
  const auto runnable = check_runnable(model);
  return runnable.ok() ? std::string() : clause(runnable.error());
}

/// As an engine samples that has everything.
Json describe_sampling(std::span<const SamplingLayer> user, const Sampling& model) {
  const auto all = core_request_options();
  const std::vector<std::string> options(all.begin(), all.end());
  std::vector<SamplingLayer> layers(user.begin(), user.end());
  layers.push_back({SamplingSource::model, model});
  return explain_sampling(layers, options);
}

Json describe(const ModelDescription& model, const LoadOptions& load) {
  const Json layers = model.shape ? Json(model.shape->layers.size()) : Json(nullptr);
  return Json{{"path", model.path.string()},
              {"format", model.format},
              {"format_details", known(model.details)},
              {"name", known(model.title)},
              {"architecture", known(model.architecture)},
              {"parameters", known(model.parameters)},
              {"quantization", known(model.quantization)},
              {"file_bytes", model.bytes},
              {"files", names_of(model.files)},
              {"trained_context", known(model.sizes.context)},
              {"layers", layers},
              {"vocabulary_size", known(model.vocabulary)},
              {"tokenizer", known(model.tokenizer)},
              {"chat_template", known(model.text.chat_template)},
              {"chat_template_from", known(model.text.template_source.string())},
              {"chat_template_family", known(model.text.template_family)},
              {"memory_estimate", describe_memory(model, load)},
              {"unopened", known(unopened(model))},
              {"engines", describe_engines(model, load)}};
}

}  // namespace

Result<Json> inspect_model(ModelStore& store, const std::filesystem::path& path,
                           std::int64_t context, std::span<const SamplingLayer> layers) {
  ModelDescription model = TRY(describe_untrusted(path));
  add_what_the_store_knows(store, model);
  LoadOptions load;
  load.context_size = static_cast<int>(context);
  Json json = describe(model, load);
  json["sampling"] = describe_sampling(layers, model.sampling);
  return json;
}

}  // namespace tenfold
