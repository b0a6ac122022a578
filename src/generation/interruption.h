// Why a running answer has to end early: cancel() from any thread, or its deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

#include "tenfold/request.h"

namespace tenfold {

/// Lives as long as one answer. Thread-safe.
class Interruption {
 public:
  using Clock = std::chrono::steady_clock;

  Interruption(Clock::time_point start, std::optional<std::chrono::milliseconds> deadline);

  void cancel();

  /// Set once the answer has to end, and from then on.
  [[nodiscard]] std::optional<FinishReason> reason() const;

  /// Requested by cancel() and at the deadline, so that a long evaluation does not delay the end.
  [[nodiscard]] std::stop_token token() const { return ended_.get_token(); }

 private:
  std::atomic<bool> is_cancelled_ = false;
  std::stop_source ended_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::jthread timer_;
};

}  // namespace tenfold
