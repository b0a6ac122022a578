// GET /api/v1/status, GET /api/v1/events
#include "server/app/monitor/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/apis/answers/format.h"
#include "server/app/app.h"
#include "server/app/monitor/monitor_handlers.h"
#include "server/app/status_json.h"
#include "server/http/offload.h"

namespace tenfold::server::monitor {
namespace {

namespace asio = boost::asio;

double seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

void Monitor::note_heat(std::optional<std::uint64_t> throttles) {
  constexpr std::chrono::minutes apart{1};
  constexpr std::size_t most = 20;
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

asio::awaitable<void> Monitor::refresh() {
  refreshing_ = true;
  const struct Done {
    bool& refreshing;
    ~Done() { refreshing = false; }
  } done{refreshing_};
  std::optional<std::uint64_t> throttles;
  const Json machine = co_await offload(sources_.blocking, [this, &throttles] {
    throttles = machine_.throttles();
    return machine_.look();
  });
  const auto now = Clock::now();
  const SchedulerStatus scheduler = sources_.scheduler.status();
  int waiting = 0;
  int running = 0;
  for (const ModelStatus& model : scheduler.models) {
    waiting += model.waiting;
    running += model.running;
  }
  Json json = to_json(scheduler);
  json["tokens_per_second"] = speed(scheduler.streamed_tokens, now);
  json["waiting"] = waiting;
  json["running"] = running;
  json["machine"] = machine;
  note_heat(throttles);
  json["events"] = events(scheduler.events);
  json["default_model"] = sources_.default_model;
  json["version"] = TENFOLD_VERSION;
  json["conversations_revision"] = sources_.conversations_revision();
  const auto benchmark = sources_.benchmark();
  json["benchmark"] = benchmark ? Json(std::to_string(*benchmark)) : Json();
  std::string event = sse("status", json);
  seen_ = std::make_shared<const Seen>(Seen{std::move(json), std::move(event)});
  made_ = now;
}

asio::awaitable<std::shared_ptr<const Seen>> Monitor::look() {
  constexpr std::chrono::milliseconds lately{500};
  constexpr std::chrono::milliseconds moment{5};
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!seen_ && refreshing_) {  // only the first ones wait for another's look
    timer.expires_after(moment);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (!refreshing_ && (!seen_ || Clock::now() - made_ > lately)) co_await refresh();
  co_return seen_;
}

asio::awaitable<void> status(Exchange& exchange, App& app) {
  const auto seen = co_await app.monitor.look();
  co_await exchange.send(json_reply(seen->status));
}

/// Thousands may watch: nothing is kept for one but its connection.
asio::awaitable<void> follow(Exchange& exchange, App& app) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  co_await exchange.begin_stream("text/event-stream");
  while (!app.stopping) {
    const auto seen = co_await app.monitor.look();
    co_await exchange.write(seen->event);
    timer.expires_after(std::chrono::seconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_await exchange.end_stream();
}

}  // namespace tenfold::server::monitor
