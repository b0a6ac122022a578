// What the scheduler holds and has done, as JSON and by name.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/json.h"
#include "service/scheduler.h"

namespace tenfold::server::admin {

struct Counter {
  std::string_view name;  ///< snake_case
  std::uint64_t SchedulerCounters::*value;
  std::string_view help;  ///< a sentence
};

/// All of SchedulerCounters.
std::span<const Counter> scheduler_counters();

Json to_json(const ModelStatus& status);
Json to_json(const SchedulerStatus& status);

/// The event that all streams of GET /api/v1/events are sent, made once for all of them. For the
/// event loop's thread.
class StatusEvent {
 public:
  /// At most half a second old.
  std::shared_ptr<const std::string> current(const Scheduler& scheduler);

 private:
  std::shared_ptr<const std::string> text_;
  std::chrono::steady_clock::time_point made_;
};

}  // namespace tenfold::server::admin
