// The framework's threads.
#pragma once

#include <memory>

#include "tenfold/result.h"

namespace tenfold::executorch {

/// Gives the framework `count` threads for as long as the handle lives. It has one pool per process
/// and delegates keep it, so a model in memory holds a handle; busy if another model holds one with
/// another count. Thread-safe.
Result<std::shared_ptr<const int>> hold_threads(int count);

}  // namespace tenfold::executorch
