// The LiteRT (TensorFlow Lite) engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// A LiteRT engine without a model. One process may hold several.
std::unique_ptr<Engine> make_litert_engine();

}  // namespace tenfold
