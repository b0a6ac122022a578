// GET /api/v1/status, GET /api/v1/events
#include "server/app/monitor/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/apis/answers/format.h"
#include "server/app/app.h"
#include "server/app/bench/runner.h"
#include "server/app/monitor/monitor_handlers.h"
#include "server/app/status_json.h"

namespace tenfold::server::monitor {
namespace {

namespace asio = boost::asio;

double seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

void Monitor::note_heat() {
  constexpr std::chrono::minutes apart{1};
  constexpr std::size_t most = 20;
  const auto throttles = machine_.throttles();
  if (throttles && last_throttles_ && *throttles > *last_throttles_) {
    const auto now = std::chrono::system_clock::now();
    if (heat_.empty() || now - heat_.back().time > apart) {
      heat_.push_back({heat_.empty() ? -1 : heat_.back().id - 1, now, 0});
      if (heat_.size() > most) heat_.erase(heat_.begin());
    }
    heat_.back().time = now;
    heat_.back().throttles += *throttles - *last_throttles_;
  }
  last_throttles_ = throttles;
}

/// The latest first. Those of the machine have negative ids.
Json Monitor::events(const std::vector<SchedulerEvent>& of_models) const {
  std::vector<Json> rows;
  for (const SchedulerEvent& event : of_models) {
    rows.push_back({{"id", event.id},
                    {"time", seconds(event.time)},
                    {"kind", to_string(event.kind)},
                    {"model", event.model},
                    {"text", event.text}});
  }
  for (const Heat& heat : heat_) {
    rows.push_back({{"id", heat.id},
                    {"time", seconds(heat.time)},
                    {"kind", "throttled"},
                    {"model", ""},
                    {"text", fmt::format("the processors slowed down to stay cool, {} times",
                                         heat.throttles)}});
  }
  std::ranges::stable_sort(rows, std::ranges::greater(),
                           [](const Json& row) { return row["time"].get<double>(); });
  return rows;
}

double Monitor::speed(std::uint64_t tokens, Clock::time_point now) {
  const std::chrono::duration<double> seconds = now - made_;
  const std::uint64_t came = tokens - last_tokens_;
  last_tokens_ = tokens;
  return static_cast<double>(came) / seconds.count();
}

const Json& Monitor::status(const App& app) {
  constexpr std::chrono::milliseconds lately{500};
  const auto now = Clock::now();
  if (!status_.is_null() && now - made_ <= lately) return status_;
  const SchedulerStatus scheduler = app.scheduler.status();
  int waiting = 0;
  int running = 0;
  for (const ModelStatus& model : scheduler.models) {
    waiting += model.waiting;
    running += model.running;
  }
  Json json = admin::to_json(scheduler);
  json["tokens_per_second"] = speed(scheduler.streamed_tokens, now);
  json["waiting"] = waiting;
  json["running"] = running;
  json["machine"] = machine_.look();
  note_heat();
  json["events"] = events(scheduler.events);
  json["default_model"] = app.default_model;
  json["version"] = TENFOLD_VERSION;
  json["conversations_revision"] = app.shelf.revision();
  const auto benchmark = app.benchmarks.running();
  json["benchmark"] = benchmark ? Json(std::to_string(*benchmark)) : Json();
  status_ = std::move(json);
  event_.reset();
  made_ = now;
  return status_;
}

std::shared_ptr<const std::string> Monitor::event(const App& app) {
  const Json& now = status(app);
  if (!event_) event_ = std::make_shared<const std::string>(sse("status", now));
  return event_;
}

asio::awaitable<void> status(Exchange& exchange, App& app) {
  co_await exchange.send(json_reply(app.monitor.status(app)));
}

/// Thousands may watch: nothing is kept for one but its connection.
asio::awaitable<void> follow(Exchange& exchange, App& app) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  co_await exchange.begin_stream("text/event-stream");
  while (!app.stopping) {
    const auto text = app.monitor.event(app);
    co_await exchange.write(*text);
    timer.expires_after(std::chrono::seconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_await exchange.end_stream();
}

}  // namespace tenfold::server::monitor
