// GET /openapi.json
#include "server/openapi.h"

#include "server/system/handlers.h"

namespace tenfold::server::system {
namespace {

Reply openapi_reply() { return {200, "application/json", std::string(openapi_json), {}}; }

}  // namespace

boost::asio::awaitable<void> openapi(Exchange& exchange, App& /*app*/) {
  co_await exchange.send(openapi_reply());
}

}  // namespace tenfold::server::system
