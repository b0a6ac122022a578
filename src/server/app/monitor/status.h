// The monitor: everything that is happening, in one object.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "server/app/monitor/machine.h"
#include "service/scheduler.h"

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
  void note_heat();
  [[nodiscard]] Json events(const std::vector<SchedulerEvent>& of_models) const;

  /// The processors slowed down so often, with less than a minute in between.
  struct Heat {
    std::int64_t id = 0;
    std::chrono::system_clock::time_point time;  ///< the last of them
    std::uint64_t throttles = 0;
  };

  Machine machine_;
  Json status_;
  std::shared_ptr<const std::string> event_;
  Clock::time_point made_;
  std::uint64_t last_tokens_ = 0;
  std::optional<std::uint64_t> last_throttles_;
  std::vector<Heat> heat_;  ///< the latest last
};

}  // namespace monitor
}  // namespace tenfold::server
