// The ExecuTorch engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// An ExecuTorch engine without a model. One process may hold several; the framework's threads are
/// shared by all, so models loaded at the same time have the same number of them.
std::unique_ptr<Engine> make_executorch_engine();

}  // namespace tenfold
