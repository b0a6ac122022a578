// The engine options of llama.cpp and their translation into its parameters.
#pragma once

#include <llama.h>

#include <string>
#include <vector>

#include "base/host_port.h"
#include "tenfold/options.h"
#include "tenfold/result.h"

namespace tenfold::llama_cpp {

struct LoraFile {
  std::string path;
  float scale = 1;
};

/// LoadOptions in llama.cpp's terms. Fields it fills in later: n_ctx, threads, callbacks.
struct Options {
  llama_model_params model = llama_model_default_params();
  llama_context_params context = llama_context_default_params();
  std::vector<LoraFile> lora;
  std::vector<HostPort> rpc_hosts;  ///< they hold the last model.n_gpu_layers layers
  std::string key_type;
  std::string value_type;
  bool stretches_context = false;  ///< a rope option is set
  std::uint32_t poll = 50;
};

/// What the engine lists in its Capabilities.
std::vector<OptionSpec> option_specs();

/// invalid_argument naming the option for values that cannot work together. The values were checked
/// against option_specs() one by one before.
Result<Options> read_options(const LoadOptions& options);

}  // namespace tenfold::llama_cpp
