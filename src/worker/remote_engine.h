// Host side: an Engine whose work happens in a worker process.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tenfold/engine.h"

namespace tenfold {

struct RemoteOptions {
  std::string executable;                            ///< path of a tenfold-engine-* program
  std::chrono::milliseconds start_timeout{10'000};   ///< until the handshake
  std::chrono::milliseconds load_timeout{600'000};   ///< between two progress reports of a load
  std::chrono::milliseconds stall_timeout{300'000};  ///< between two frames of an answer
};

/// Starts the worker and waits for its handshake; unavailable or engine_died with the cause
/// otherwise. initialize() after the worker died starts a new one; a call whose worker dies returns
/// engine_died naming the signal, OOM kill or exit code and the last stderr lines, within a second.
/// cleanup() ends the process and with it all its memory; the next initialize() starts another.
Result<std::unique_ptr<Engine>> open_remote_engine(RemoteOptions options);

}  // namespace tenfold
