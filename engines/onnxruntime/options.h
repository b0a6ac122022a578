// The engine options of ONNX Runtime.
#pragma once

#include <ort_c_api.h>

#include <string>
#include <vector>

#include "tenfold/options.h"

namespace tenfold::onnxruntime {

struct Options {
  GraphOptimizationLevel optimization = ORT_ENABLE_ALL;
  bool spinning = true;
  int prefill_chunk = 0;  ///< tokens; 0: chosen by the size of the vocabulary
  std::string provider;   ///< short name: "cpu"
};

/// What the engine lists in its Capabilities, with the library's execution providers as choices.
std::vector<OptionSpec> option_specs(const std::vector<std::string>& providers);

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::onnxruntime
