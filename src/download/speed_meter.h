// The rate of a download over the last seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace tenfold {

class SpeedMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Records that `bytes` had been fetched in all at that time; times must not go back.
  void add(Time time, std::uint64_t bytes);

  /// Bytes per second over the last five seconds of records; 0 before there are two.
  [[nodiscard]] double bytes_per_second() const;

 private:
  struct Sample {
    Time time;
    std::uint64_t bytes;
  };
  std::deque<Sample> samples_;
};

}  // namespace tenfold
