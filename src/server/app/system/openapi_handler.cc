// GET /openapi.json
#include "server/app/system/openapi.h"
#include "server/app/system/system_handlers.h"

namespace tenfold::server::system {
namespace {

Reply openapi_reply() { return {200, "application/json", std::string(openapi_json), {}}; }

}  // namespace

boost::asio::awaitable<void> openapi(Exchange& exchange, App& /*app*/) {
  co_await exchange.send(openapi_reply());
}

}  // namespace tenfold::server::system
