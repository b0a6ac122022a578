// How long to wait after a failure: exponential back-off with jitter, and an end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "download/download.h"

namespace tenfold {

/// Failures in a row. Not thread-safe.
class Retries {
 public:
  explicit Retries(const Patience& patience) : patience_(patience) {}

  /// Bytes that are here to stay; a good many of them end the row of failures.
  void progressed(std::uint64_t bytes);

  /// The pause before the next try, nothing when it was the last. `retry_after` is what the server
  /// asked for, 0 if nothing; more than longest_retry_after also ends it.
  std::optional<std::chrono::milliseconds> failed(std::chrono::seconds retry_after);

  [[nodiscard]] int failures() const { return failures_; }

 private:
  Patience patience_;
  int failures_ = 0;
  std::uint64_t progress_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace tenfold
