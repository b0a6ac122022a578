// The framework's threads, for computations of our own.
#pragma once

#include "kernels/threads.h"

namespace tenfold::executorch {

/// Lives as long as the process. Thread-safe.
kernels::Threads& framework_threads();

}  // namespace tenfold::executorch
