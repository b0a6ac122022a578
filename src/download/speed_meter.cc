#include "download/speed_meter.h"

namespace tenfold {

void SpeedMeter::add(Time time, std::uint64_t bytes) {
  samples_.push_back({time, bytes});
  while (samples_.front().time + std::chrono::seconds(5) < time) samples_.pop_front();
}

double SpeedMeter::bytes_per_second() const {
  if (samples_.size() < 2) return 0;
  const std::chrono::duration<double> span = samples_.back().time - samples_.front().time;
  if (span.count() <= 0) return 0;
  return static_cast<double>(samples_.back().bytes - samples_.front().bytes) / span.count();
}

}  // namespace tenfold
