// The engine options of ExecuTorch.
#pragma once

#include <executorch/extension/module/module.h>

#include <vector>

#include "tenfold/options.h"

namespace tenfold::executorch {

struct Options {
  ::executorch::extension::Module::LoadMode load_mode;
  int prefill_chunk;  ///< most tokens given to the program at once
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::executorch
