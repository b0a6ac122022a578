// Counts for Prometheus, which asks for them as text (exposition format 0.0.4).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "server/http/connection.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// Fed with every access record. For the event loop's thread.
class Metrics {
 public:
  void count(const AccessRecord& record);

  /// The whole page. Labels have the names of routes and of loaded models, nothing that clients
  /// could make up without end.
  [[nodiscard]] std::string page(const SchedulerStatus& status,
                                 std::chrono::duration<double> uptime) const;

 private:
  static constexpr std::array<double, 14> bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                 1,     2.5,  5,     10,   30,  60,   120};
  struct Histogram {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< the last: above all bounds
    double sum = 0;
  };

  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Histogram> durations_;  ///< by route, in seconds
  std::uint64_t received_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace tenfold::server
