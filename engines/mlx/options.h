// The engine options of MLX.
#pragma once

#include <vector>

#include "tenfold/options.h"

namespace tenfold::mlx {

/// What computes linear layers, attention, norms and gates.
enum class Kernels {
  own,    ///< src/kernels; where weights are packed, what they are multiplied by has 8 bits too
  exact,  ///< src/kernels, all in f32
  stock,  ///< MLX's own operators, all in f32
};

struct Options {
  Kernels kernels = Kernels::own;
  std::size_t prefill_chunk = 0;  ///< tokens
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::mlx
