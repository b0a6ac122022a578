// One table of options, and the reader for it.
#include "options.h"

namespace tenfold::onnxruntime {
namespace {

GraphOptimizationLevel level(const std::string& name) {
  if (name == "disabled") return ORT_DISABLE_ALL;
  if (name == "basic") return ORT_ENABLE_BASIC;
  if (name == "extended") return ORT_ENABLE_EXTENDED;
  return ORT_ENABLE_ALL;
}

}  // namespace

std::vector<OptionSpec> option_specs(const std::vector<std::string>& providers) {
  return {
      {"graph_optimization_level",
       std::string("all"),
       "How far the graph is rewritten when the model loads.",
       {"disabled", "basic", "extended", "all"}},
      {"allow_spinning",
       true,
       "Threads spin while they wait for each other: faster, unless the cores are busy.",
       {}},
      {"prefill_chunk",
       std::int64_t{0},
       "Tokens of a prompt evaluated at once; 0: up to 512, as logits of 64 MiB allow.",
       {},
       0,
       8192},
      {"execution_provider", std::string("cpu"), "What runs the operators.", providers},
  };
}

Options read_options(const LoadOptions& load) {
  Options options;
  for (OptionSpec& spec : option_specs({})) {
    const auto given = load.engine_options.find(spec.name);
    const OptionValue& value =
        given == load.engine_options.end() ? spec.default_value : given->second;
    if (spec.name == "graph_optimization_level") {
      options.optimization = level(std::get<std::string>(value));
    } else if (spec.name == "allow_spinning") {
      options.spinning = std::get<bool>(value);
    } else if (spec.name == "prefill_chunk") {
      options.prefill_chunk = static_cast<int>(std::get<std::int64_t>(value));
    } else {
      options.provider = std::get<std::string>(value);
    }
  }
  return options;
}

}  // namespace tenfold::onnxruntime
