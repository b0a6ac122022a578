// GET /openapi.json
#include "server/apis/noted.h"
#include "server/app/system/openapi.h"
#include "server/app/system/system_handlers.h"

namespace tenfold::server {

const std::string& openapi_text() {
  static const std::string text = [] {
    Json openapi = Json::parse(openapi_json);
    describe_noted(openapi);
    return dump(openapi);
  }();
  return text;
}

}  // namespace tenfold::server

namespace tenfold::server::system {
namespace {

Reply openapi_reply() { return {200, "application/json", openapi_text(), {}}; }

}  // namespace

boost::asio::awaitable<void> openapi(Exchange& exchange, App& /*app*/) {
  co_await exchange.send(openapi_reply());
}

}  // namespace tenfold::server::system
