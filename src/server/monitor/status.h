// The monitor: everything that is happening, in one object.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/json.h"
#include "server/monitor/machine.h"

namespace tenfold::server {

struct App;

namespace monitor {

/// Made at most twice a second, for all who ask. For the event loop's thread.
class Monitor {
 public:
  explicit Monitor(std::filesystem::path root) : machine_(std::move(root)) {}

  /// Of the form Status in openapi.json, at most half a second old.
  const Json& status(const App& app);
  /// The same as the event that all streams of GET /api/v1/events are sent.
  std::shared_ptr<const std::string> event(const App& app);

 private:
  using Clock = std::chrono::steady_clock;
  double speed(std::uint64_t tokens, Clock::time_point now);

  Machine machine_;
  Json status_;
  std::shared_ptr<const std::string> event_;
  Clock::time_point made_;
  std::uint64_t last_tokens_ = 0;
};

}  // namespace monitor
}  // namespace tenfold::server
