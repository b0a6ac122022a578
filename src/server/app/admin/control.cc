// POST /api/v1/load, POST /api/v1/unload
#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/admin/admin_request.h"
#include "server/http/offload.h"
#include "server/http/send_made.h"
#include "service/scheduler.h"

namespace tenfold::server::admin {
namespace {

namespace asio = boost::asio;

Result<ModelUse> read_resolved(const Exchange& exchange, const App& app) {
  ModelUse use = TRY(read_load(TRY(exchange.json())));
  TRY(settle_model(app, use, {}));
  return use;
}

Result<Reply> unload_named(const Exchange& exchange, const App& app) {
  ModelUse use;
  use.model = TRY(read_model(TRY(exchange.json())));
  TRY(settle_model(app, use, {}));
  TRY(app.scheduler.unload(use.model));
  return json_reply(Json::object());
}

Reply loaded_reply(const LoadedModel& model) {
  return json_reply({{"name", model.name},
                     {"engine", model.engine},
                     {"engine_version", model.engine_version},
                     {"context_size", model.info.context_size},
                     {"threads", model.info.threads},
                     {"sequences", model.sequences},
                     {"load_seconds", model.info.load_seconds}});
}

}  // namespace

asio::awaitable<void> load(Exchange& exchange, App& app) {
  const auto use = co_await offload(app.blocking, [&] { return read_resolved(exchange, app); });
  if (!use.ok()) co_return co_await exchange.send(use.error());
  LoadedModel loaded;
  WorkTask task{*use, exchange.request().client, {}, {}};
  task.work = [&](Engine&, const LoadedModel& model, const std::stop_token&) -> Result<void> {
    loaded = model;
    return {};
  };
  const auto done = co_await run_work(exchange, app, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  co_await exchange.send(loaded_reply(loaded));
}

asio::awaitable<void> unload(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return unload_named(exchange, app); });
}

}  // namespace tenfold::server::admin
