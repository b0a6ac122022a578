#include "generation/interruption.h"

#include <condition_variable>
#include <mutex>

#include "base/thread.h"

namespace tenfold {

Interruption::Interruption(Clock::time_point start,
                           std::optional<std::chrono::milliseconds> deadline) {
  if (!deadline) return;
  using std::chrono::milliseconds;
  const auto longest = std::chrono::duration_cast<milliseconds>(Clock::time_point::max() - start);
  if (*deadline >= longest) return;  // centuries away: more than the clock can express
  deadline_ = start + *deadline;
  const auto wait = [this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, deadline_, [] { return false; });
    if (!stop.stop_requested()) ended_.request_stop();
  };
  // Without it, the deadline ends the answer between two steps.
  auto timer = start_thread(wait, [](const Error&) {});
  if (timer.ok()) timer_ = std::move(*timer);
}

void Interruption::cancel() {
  is_cancelled_ = true;
  ended_.request_stop();
}

std::optional<FinishReason> Interruption::reason() const {
  if (is_cancelled_) return FinishReason::cancelled;
  if (Clock::now() >= deadline_) return FinishReason::deadline;
  return std::nullopt;
}

}  // namespace tenfold
