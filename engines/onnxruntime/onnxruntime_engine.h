// The ONNX Runtime engine, for in-process use and for its worker program.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// An ONNX Runtime engine without a model. One process may hold several. If the library cannot be
/// opened, loading a model says so (unavailable).
std::unique_ptr<Engine> make_onnxruntime_engine();

}  // namespace tenfold
