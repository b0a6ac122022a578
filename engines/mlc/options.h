// The engine options of MLC-LLM.
#pragma once

#include <filesystem>
#include <vector>

#include "tenfold/options.h"

namespace tenfold::mlc {

struct Options {
  std::filesystem::path library;   ///< empty: find_mlc_library()
  std::int64_t prefill_chunk = 0;  ///< tokens
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// The values were checked against option_specs() before.
Options read_options(const LoadOptions& options);

}  // namespace tenfold::mlc
