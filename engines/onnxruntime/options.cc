// One table of options, and the reader for it.
#include "options.h"

#include "engine/options.h"

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
  const OptionValues values(load, option_specs({}));
  return {level(values.text("graph_optimization_level")), values.flag("allow_spinning"),
          values.integer("prefill_chunk"), values.text("execution_provider")};
}

}  // namespace tenfold::onnxruntime
