// Worker side: serves one Engine over a socketpair until the host closes it. See protocol.h.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// The main of every tenfold-engine-* executable: speaks the protocol on file descriptor 3 and
/// returns the exit code. Run by hand (no socket there) it prints the engine's capabilities as
/// JSON.
int run_worker(std::unique_ptr<Engine> engine);

}  // namespace tenfold
