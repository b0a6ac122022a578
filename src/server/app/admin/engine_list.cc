// GET /api/v1/engines
#include "server/app/admin/engine_list.h"

#include "server/app/admin/admin_handlers.h"
#include "server/http/offload.h"
#include "service/report_json.h"

namespace tenfold::server::admin {

Json EngineList::json() {
  constexpr std::chrono::seconds lately{10};
  const std::lock_guard lock(mutex_);
  if (!json_.is_null() && std::chrono::steady_clock::now() - asked_ < lately) return json_;
  Json rows = Json::array();
  for (const EngineReport& report : report_engines()) rows.push_back(to_json(report));
  json_ = {{"engines", std::move(rows)}};
  asked_ = std::chrono::steady_clock::now();
  return json_;
}

boost::asio::awaitable<void> list_engines(Exchange& exchange, App& app) {
  Reply reply = co_await offload(app.jobs, [&] { return json_reply(app.engines.json()); });
  co_await exchange.send(std::move(reply));
}

}  // namespace tenfold::server::admin
