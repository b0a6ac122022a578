// Which engine runs a model.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table.h"

namespace tenfold {

/// What an engine did with a model on this machine.
struct EngineMeasurement {
  std::string engine;  ///< its id
  std::string model;   ///< SHA-256 of the file
  double decode_tokens_per_second = 0;
};

/// The engines in the order in which they should be tried for `model` (a SHA-256; empty: not
/// known): those measured with it, the fastest first; then the others in the order given. The last
/// measurement of an engine counts. A pure function.
std::vector<const EngineEntry*> rank(std::vector<const EngineEntry*> engines,
                                     std::string_view model,
                                     std::span<const EngineMeasurement> measurements);

}  // namespace tenfold
