// Carries the frames of one call from the socket's thread to the caller's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "engine/json.h"

namespace tenfold {

/// A queue of frames that may end with an error; it holds at most what one answer has. Thread-safe.
class Mailbox {
 public:
  void push(Json frame) {
    {
      const std::lock_guard lock(mutex_);
      frames_.push_back(std::move(frame));
    }
    arrived_.notify_one();
  }

  void fail(Error error) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::move(error);
    }
    arrived_.notify_one();
  }

  /// Waits for the next frame. The error comes after all frames that arrived before it.
  Result<Json> pop() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return has_news(); });
    return take();
  }

  /// The same; absent if nothing came in `patience`.
  std::optional<Result<Json>> pop(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return has_news(); })) return std::nullopt;
    return take();
  }

 private:
  [[nodiscard]] bool has_news() const { return !frames_.empty() || failure_; }
  Result<Json> take() {
    if (frames_.empty()) return *failure_;
    Json frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Json> frames_;
  std::optional<Error> failure_;
};

}  // namespace tenfold
