// The llama.cpp engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// A llama.cpp engine without a model. One process may hold several.
std::unique_ptr<Engine> make_llama_cpp_engine();

}  // namespace tenfold
