// The Core ML engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// A Core ML engine without a model. One process may hold several.
std::unique_ptr<Engine> make_coreml_engine();

}  // namespace tenfold
