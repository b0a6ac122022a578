// POST and GET /api/v1/benchmarks; GET and DELETE /api/v1/benchmarks/{id}; …/cancel, …/events,
// …/export
#include "server/app/bench/bench_handlers.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/apis/answers/format.h"
#include "server/apis/models.h"
#include "server/app/bench/bench_request.h"
#include "server/app/bench/runner.h"
#include "server/app/conversations/conversation_request.h"
#include "server/app/query.h"
#include "server/http/offload.h"
#include "server/http/send_made.h"

namespace tenfold::server::bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{250};

Result<std::int64_t> id_of(const Exchange& exchange) {
  return read_id(exchange.request().parameters.at("id"));
}

Result<Reply> started(const Exchange& exchange, App& app) {
  BenchPlan plan = TRY(read_plan(TRY(exchange.json())));
  for (BenchModel& model : plan.models) model.model = TRY(settled_name(app, model.model));
  return json_reply(TRY(app.benchmarks.start(std::move(plan))), 202);
}

Result<Reply> listed(App& app) { return json_reply({{"benchmarks", TRY(app.benchmarks.list())}}); }

Result<Json> found(const Exchange& exchange, App& app) {
  return app.benchmarks.find(TRY(id_of(exchange)));
}

Result<Reply> cancelled(const Exchange& exchange, App& app) {
  return json_reply(TRY(app.benchmarks.cancel(TRY(id_of(exchange)))), 202);
}

Result<Reply> removed(const Exchange& exchange, App& app) {
  TRY(app.benchmarks.remove(TRY(id_of(exchange))));
  return json_reply(Json::object());
}

Result<Reply> exported(const Exchange& exchange, App& app) {
  const bool table = TRY(read_choice(exchange.request().query, "format", "json", "csv"));
  const Json run = TRY(found(exchange, app));
  Reply reply = json_reply(run);
  if (table) {
    reply.content_type = "text/csv; charset=utf-8";
    reply.body = to_csv(run);
  }
  const std::string name = "benchmark-" + run["id"].get<std::string>() + (table ? ".csv" : ".json");
  reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  return reply;
}

}  // namespace

asio::awaitable<void> start(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return started(exchange, app); });
}

asio::awaitable<void> list(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&app] { return listed(app); });
}

asio::awaitable<void> show(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking,
                   [&]() -> Result<Reply> { return json_reply(TRY(found(exchange, app))); });
}

asio::awaitable<void> cancel(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return cancelled(exchange, app); });
}

asio::awaitable<void> remove(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return removed(exchange, app); });
}

asio::awaitable<void> export_one(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return exported(exchange, app); });
}

asio::awaitable<void> follow(Exchange& exchange, App& app) {
  auto run = co_await offload(app.blocking, [&] { return found(exchange, app); });
  if (!run.ok()) co_return co_await exchange.send(run.error());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  co_await exchange.begin_stream("text/event-stream");
  std::string told;
  Clock::time_point told_at;
  for (;;) {
    const std::string text = sse("benchmark", *run);
    if (text != told || Clock::now() - told_at > app.keep_alive) {
      co_await exchange.write(text);
      told = text;
      told_at = Clock::now();
    }
    if ((*run)["state"] != "running" || app.stopping) break;
    timer.expires_after(look_interval);
    co_await timer.async_wait(asio::use_awaitable);
    run = co_await offload(app.blocking, [&] { return found(exchange, app); });
    if (!run.ok()) break;  // it was removed
  }
  co_await exchange.end_stream();
}

}  // namespace tenfold::server::bench
