// The engine options of Core ML.
#pragma once

#include <string>
#include <vector>

#include "kernels/linear.h"
#include "tenfold/options.h"

namespace tenfold::coreml {

struct Options {
  kernels::Precision precision = kernels::Precision::fast;
  std::size_t prefill_chunk = 0;  ///< tokens
  std::string function;           ///< empty: the package's own choice
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::coreml
