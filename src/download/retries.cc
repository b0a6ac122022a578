#include "download/retries.h"

#include <algorithm>
#include <cmath>

namespace tenfold {
namespace {

/// Less than that between two failures is a server that will never finish.
constexpr std::uint64_t worthwhile_bytes = 64 << 10;

}  // namespace

void Retries::progressed(std::uint64_t bytes) {
  progress_ += bytes;
  if (progress_ >= worthwhile_bytes) failures_ = 0;
}

std::optional<std::chrono::milliseconds> Retries::failed(std::chrono::seconds retry_after) {
  progress_ = 0;
  ++failures_;
  if (failures_ >= patience_.tries || retry_after > patience_.longest_retry_after) {
    return std::nullopt;
  }
  const double doubled =
      static_cast<double>(patience_.first_delay.count()) * std::exp2(failures_ - 1);
  const double longest = static_cast<double>(patience_.longest_delay.count());
  const double jitter = std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  const auto delay = static_cast<std::int64_t>(std::min(doubled, longest) * jitter);
  return std::max(std::chrono::milliseconds(delay), std::chrono::milliseconds(retry_after));
}

}  // namespace tenfold
