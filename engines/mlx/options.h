// The engine options of MLX.
#pragma once

#include <vector>

#include "tenfold/options.h"

namespace tenfold::mlx {

struct Options {
  std::size_t prefill_chunk = 0;  ///< tokens
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::mlx
