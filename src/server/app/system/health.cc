// GET /health, GET /ready
#include <boost/asio/this_coro.hpp>

#include "server/apis/answers/feed.h"
#include "server/app/system/system_handlers.h"
#include "server/http/error_reply.h"
#include "service/scheduler.h"

namespace tenfold::server::system {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr milliseconds lately{30'000};
constexpr milliseconds forever{-1};

double seconds(milliseconds time) { return static_cast<double>(time.count()) / 1000; }

/// One token of a model that is loaded, or else of the default one. A probe is no use: the model
/// leaves when it would have left without.
auto start_probe(const asio::any_io_executor& loop, const App& app, const SchedulerStatus& status) {
  AnswerTask task;
  task.use.model = app.default_model;
  for (const ModelStatus& model : status.models) {
    if (model.state != ModelStatus::State::ready) continue;
    task.use.model = model.model.name;
    task.use.engine = model.model.engine;
    if (model.idle) task.use.keep_alive = model.expires.value_or(forever);
  }
  task.client = "readiness";
  task.request.prompt = std::string("1 2 3");
  task.request.max_tokens = 1;
  task.request.deadline = lately;
  std::vector<AnswerTask> tasks;
  tasks.push_back(std::move(task));
  return AnswerFeed::start(loop, app.scheduler, std::move(tasks));
}

Reply health_reply(const App& app) {
  const auto up = std::chrono::system_clock::now() - app.started;
  return json_reply({{"status", "ok"},
                     {"version", TENFOLD_VERSION},
                     {"uptime_seconds", std::chrono::duration<double>(up).count()}});
}

Reply ready_reply(milliseconds last_token) {
  return json_reply({{"status", "ready"}, {"last_token_seconds", seconds(last_token)}});
}

}  // namespace

asio::awaitable<void> health(Exchange& exchange, App& app) {
  co_await exchange.send(health_reply(app));
}

asio::awaitable<void> ready(Exchange& exchange, App& app) {
  const SchedulerStatus status = app.scheduler.status();
  if (status.last_token && *status.last_token < lately) {
    co_return co_await exchange.send(ready_reply(*status.last_token));
  }
  // Models that left because nobody used them are not loaded for a probe: they were asked before.
  if (status.last_token && status.models.empty()) {
    co_return co_await exchange.send(ready_reply(*status.last_token));
  }
  const auto feed = start_probe(co_await asio::this_coro::executor, app, status);
  std::optional<Error> error;
  if (!feed.ok()) error = feed.error();
  while (!error && !(*feed)->finished()) {
    for (const AnswerEvent& event : co_await (*feed)->next(lately)) {
      const auto* answer = std::get_if<Result<Answer>>(&event.what);
      if (answer != nullptr && !answer->ok()) error = answer->error();
    }
  }
  if (error) co_return co_await exchange.send(error_reply(exchange.dialect(), *error, 503));
  co_await exchange.send(ready_reply(milliseconds(0)));
}

}  // namespace tenfold::server::system
