// From settings to the contract's requests and load options.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "engine/sampling.h"
#include "models/store.h"
#include "tenfold/engine.h"

namespace tenfold {

/// A request without its prompt. invalid_argument naming the option that cannot work.
Result<Request> request_from(const Settings& settings);

/// Where the values of the request come from: the command line, what else was set, the model's
/// preset, and the model.
std::vector<SamplingLayer> sampling_layers(const Sampling& asked, const GivenOptions& given,
                                           const Sampling& preset, const Sampling& model);

/// The system message: --system, else what the store or the catalogue says of the model; empty for
/// none.
std::string system_message(ModelStore& store, const Settings& settings);

/// --rpc and --rpc-layers as options of the llama.cpp engine; empty if neither is given.
Result<std::map<std::string, OptionValue>> rpc_options_from(const Settings& settings);

/// --engine-option of a server, by engine: each text names its own, "ENGINE.KEY=VALUE". Asks the
/// workers of those engines; unavailable if one is not here, invalid_argument for a wrong option.
Result<std::map<std::string, std::map<std::string, OptionValue>>> server_engine_options(
    const std::vector<std::string>& texts);

/// Engine options ("KEY=VALUE", or "ENGINE.KEY=VALUE" for that engine alone) are read by the types
/// that the engine lists; invalid_argument names the unknown one and those there are.
Result<LoadOptions> load_options_from(const Settings& settings, const Capabilities& capabilities);

}  // namespace tenfold
