#include "server/apis/answers/feed.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace tenfold::server {

namespace asio = boost::asio;

Result<std::shared_ptr<AnswerFeed>> AnswerFeed::start(const asio::any_io_executor& loop,
                                                      Scheduler& scheduler,
                                                      std::vector<AnswerTask> tasks) {
  auto feed = std::shared_ptr<AnswerFeed>(new AnswerFeed(loop));
  for (AnswerTask& task : tasks) {
    auto ticket = scheduler.submit(std::move(task), feed->events_of(feed->running_));
    if (!ticket.ok()) {
      feed->cancel();
      return ticket.error();
    }
    feed->tickets_.push_back(std::move(ticket).value());
    ++feed->running_;
  }
  return feed;
}

AnswerEvents AnswerFeed::events_of(std::size_t choice) {
  const auto pass = [self = shared_from_this(), choice](auto what) {
    self->push({choice, std::move(what)});
  };
  AnswerEvents events;
  events.on_begin = [pass](const LoadedModel& model) { pass(model); };
  events.on_prompt = [pass](const PromptProgress& progress) { pass(progress); };
  events.on_delta = [pass](const Delta& delta) { pass(delta); };
  events.on_notice = [pass](const Notice& notice) { pass(notice); };
  events.on_end = [pass](Result<Answer> answer) { pass(std::move(answer)); };
  return events;
}

/// On a thread of the scheduler. The loop is woken once for all events that it has not yet taken.
void AnswerFeed::push(AnswerEvent event) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = events_.empty();
    events_.push_back(std::move(event));
  }
  if (!first) return;
  asio::post(arrived_.get_executor(), [self = shared_from_this()] { self->arrived_.cancel(); });
}

asio::awaitable<std::vector<AnswerEvent>> AnswerFeed::next(std::chrono::milliseconds patience) {
  const auto take = [this] {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  };
  std::vector<AnswerEvent> events = take();
  if (events.empty()) {
    arrived_.expires_after(patience);
    boost::system::error_code ignored;
    co_await arrived_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    events = take();
  }
  for (const AnswerEvent& event : events) {
    if (std::holds_alternative<Result<Answer>>(event.what)) --running_;
  }
  co_return events;
}

void AnswerFeed::cancel() {
  for (Ticket& ticket : tickets_) ticket.cancel();
}

}  // namespace tenfold::server
