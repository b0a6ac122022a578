// The monitor: everything that is happening, in one object.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "server/app/monitor/machine.h"
#include "service/scheduler.h"

namespace tenfold::server::monitor {

/// Where it looks. The functions are quick.
struct MonitorSources {
  Scheduler& scheduler;
  boost::asio::thread_pool& blocking;
  std::string default_model;
  std::function<std::uint64_t()> conversations_revision;
  std::function<std::optional<std::int64_t>()> benchmark;  ///< the one that runs
  std::filesystem::path root;                              ///< "/", unless for tests
};

/// The monitor's object as it is sent.
struct Seen {
  Json status;        ///< of the form Status in openapi.json
  std::string event;  ///< the same for the streams of GET /api/v1/events
};

/// Made at most twice a second, for all who ask. For the event loop's thread; the machine is looked
/// at on a thread that may block.
class Monitor {
 public:
  explicit Monitor(MonitorSources sources)
      : sources_(std::move(sources)), machine_(sources_.root) {}

  /// At most half a second old, unless one that is newer is being made.
  boost::asio::awaitable<std::shared_ptr<const Seen>> look();

 private:
  using Clock = std::chrono::steady_clock;
  boost::asio::awaitable<void> refresh();
  double speed(std::uint64_t tokens, Clock::time_point now);
  void note_heat(std::optional<std::uint64_t> throttles);
  [[nodiscard]] Json events(const std::vector<SchedulerEvent>& of_models) const;

  /// The processors slowed down so often, with less than a minute in between.
  struct Heat {
    std::int64_t id = 0;
    std::chrono::system_clock::time_point time;  ///< the last of them
    std::uint64_t throttles = 0;
  };

  const MonitorSources sources_;
  Machine machine_;  ///< for the one who refreshes
  bool refreshing_ = false;
  std::shared_ptr<const Seen> seen_;
  Clock::time_point made_;
  std::uint64_t last_tokens_ = 0;
  std::optional<std::uint64_t> last_throttles_;
  std::vector<Heat> heat_;  ///< the latest last
};

}  // namespace tenfold::server::monitor
