// The MLC-LLM engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// An MLC-LLM engine without a model. One process may hold several.
std::unique_ptr<Engine> make_mlc_engine();

}  // namespace tenfold
