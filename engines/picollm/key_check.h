// Opening a model, which may wait for Picovoice's server to check the AccessKey.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "model.h"

namespace tenfold::picollm {

/// How long a process that opens a model may neither compute nor read anything.
constexpr std::chrono::minutes longest_silence{2};

/// What the waiting sees of the world. Its clock is `wait`.
struct Watch {
  /// Waits for the end of the call for this time, or until it comes; whether it has.
  std::function<bool(std::chrono::milliseconds)> wait;
  /// Whether the process has computed or read since this was asked before.
  std::function<bool()> was_busy;
  /// Whether the caller still wants the call.
  std::function<bool()> go_on;
};

/// For Watch::was_busy. A few bytes read from pipes and sockets are no work, and a sleep is none.
std::function<bool()> activity_of_this_process();

/// Returns when the call that opens `model` has ended. cancelled once go_on() says so; network when
/// the process was idle for longest_silence on end: it waits for the server, which has a deadline,
/// while reading a large file from a slow disk has none.
Result<void> wait_for_key_check(const Watch& watch, const std::string& model);

/// Model::open(), which this ends as wait_for_key_check() does. `go_on` is asked several times a
/// second, on this thread. A call that was given up goes on unseen, as the library cannot be
/// interrupted there, and what it opens is closed.
Result<std::unique_ptr<Model>> open_model(const ModelSettings& settings,
                                          std::function<bool()> go_on);

}  // namespace tenfold::picollm
