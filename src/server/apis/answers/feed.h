// The events of running answers, brought from the scheduler's threads to the event loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "service/scheduler.h"

namespace tenfold::server {

/// What happened to one of the answers. `Result<Answer>` is the last event of each.
struct AnswerEvent {
  std::size_t choice = 0;  ///< which of the answers
  std::variant<LoadedModel, PromptProgress, Delta, Notice, Result<Answer>> what;
};

/// The answers to one HTTP request. All but the events' arrival is for the event loop's thread.
class AnswerFeed : public std::enable_shared_from_this<AnswerFeed> {
 public:
  /// Hands the tasks to the scheduler; when it refuses one, the others are cancelled.
  static Result<std::shared_ptr<AnswerFeed>> start(const boost::asio::any_io_executor& loop,
                                                   Scheduler& scheduler,
                                                   std::vector<AnswerTask> tasks);

  /// What came since the last call, waiting for something; empty when nothing came in `patience`.
  boost::asio::awaitable<std::vector<AnswerEvent>> next(std::chrono::milliseconds patience);

  /// Whether every answer has ended and its end was taken by next().
  [[nodiscard]] bool finished() const { return running_ == 0; }

  /// Ends all answers; their last events still come.
  void cancel();

 private:
  explicit AnswerFeed(const boost::asio::any_io_executor& loop) : arrived_(loop) {}
  AnswerEvents events_of(std::size_t choice);
  void push(AnswerEvent event);

  boost::asio::steady_timer arrived_;
  std::size_t running_ = 0;
  std::vector<Ticket> tickets_;
  std::mutex mutex_;
  std::vector<AnswerEvent> events_;  ///< guarded by mutex_
};

}  // namespace tenfold::server
