// GET /metrics
#include "server/app/system/metrics.h"
#include "server/app/system/system_handlers.h"
#include "service/scheduler.h"

namespace tenfold::server::system {
namespace {

Reply metrics_reply(const App& app) {
  const auto uptime = std::chrono::system_clock::now() - app.started;
  return {200,
          "text/plain; version=0.0.4; charset=utf-8",
          app.metrics.page(app.scheduler.status(), uptime),
          {}};
}

}  // namespace

boost::asio::awaitable<void> metrics(Exchange& exchange, App& app) {
  co_await exchange.send(metrics_reply(app));
}

}  // namespace tenfold::server::system
