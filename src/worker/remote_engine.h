// Host side: an Engine whose work happens in a worker process.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "tenfold/engine.h"

namespace tenfold {

struct RemoteOptions {
  std::string executable;                           ///< path of a tenfold-engine-* program
  std::chrono::milliseconds start_timeout{10'000};  ///< until the handshake
  std::chrono::milliseconds heartbeat{60'000};  ///< until a process that says nothing is given up
  std::chrono::milliseconds keep_timeout{30'000};    ///< until a keep() is cancelled
  std::chrono::milliseconds cancel_timeout{10'000};  ///< until a cancelled call has ended
};

/// Starts the worker and waits for its handshake: `unavailable` if the program cannot be run or
/// says nothing, engine_died with the cause if it ends, `protocol` if it is of another version.
///
/// A call whose worker dies returns engine_died naming the signal, OOM kill or exit code and the
/// last lines of its output, within a second. There is no limit on how long a load, a prompt or
/// anything else but keep() may take: a worker is ended only when its process answers no ping for
/// `heartbeat`, or when a call that was cancelled, or whose request's deadline has passed, does not
/// end within `cancel_timeout`; the call then returns engine_died as well. The engine remembers the
/// model and its load options, so is_initialized() stays true and the next request starts a new
/// worker and loads it again before it answers; a request whose worker turns out to have died
/// before it began is sent once more.
///
/// initialize() gives a new model a new process. cleanup() ends the process (unload, SIGKILL after
/// two seconds) and with it all its memory, and forgets the model; the next initialize() starts
/// another. A worker that dies fails all calls in progress, and one new worker serves those that
/// follow.
Result<std::unique_ptr<Engine>> open_remote_engine(RemoteOptions options);

/// Bytes of memory that the engine's worker holds now, pages shared with others counted by their
/// share; 0 if it has none. Takes up to some 10 ms per GiB. Thread-safe.
std::uint64_t worker_memory(const Engine& engine);

}  // namespace tenfold
