// Why a running answer has to end early: cancel() from any thread, or its deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "tenfold/request.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// Lives as long as one answer. At the deadline, and on cancel(), it also interrupts the model, so
/// that a long evaluate() does not delay the end. Thread-safe; the model outlives it.
class Interruption {
 public:
  using Clock = std::chrono::steady_clock;

  Interruption(TokenModel& model, Clock::time_point start,
               std::optional<std::chrono::milliseconds> deadline);

  void cancel();

  /// Set once the answer has to end, and from then on.
  [[nodiscard]] std::optional<FinishReason> reason() const;

 private:
  TokenModel& model_;
  std::atomic<bool> is_cancelled_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::jthread timer_;
};

}  // namespace tenfold
