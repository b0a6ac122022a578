// What the scheduler holds and has done, as JSON and by name.
#pragma once

#include <span>
#include <string_view>

#include "engine/json.h"
#include "service/scheduler.h"

namespace tenfold::server {

struct Counter {
  std::string_view name;  ///< snake_case
  std::uint64_t SchedulerCounters::*value;
  std::string_view help;  ///< a sentence
};

/// All of SchedulerCounters.
std::span<const Counter> scheduler_counters();

Json to_json(const ModelStatus& status);
Json to_json(const SchedulerStatus& status);

}  // namespace tenfold::server
