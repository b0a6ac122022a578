// The engine of Apple's Foundation Models, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// An engine without a model. One process may hold several.
std::unique_ptr<Engine> make_apple_foundation_engine();

}  // namespace tenfold
