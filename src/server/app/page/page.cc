// GET /, GET /assets/{file}
#include "server/apis/ollama/ollama_handlers.h"
#include "server/app/page/page_handlers.h"
#include "server/app/page/reply.h"

namespace tenfold::server::page {
namespace {

boost::asio::awaitable<void> send_file(Exchange& exchange, std::string path) {
  auto reply = file_reply(page_files(), path, exchange.request());
  if (!reply.ok()) co_return co_await exchange.send(reply.error());
  co_await exchange.send(std::move(reply).value());
}

}  // namespace

boost::asio::awaitable<void> index(Exchange& exchange, App& app) {
  if (page_files().empty() || !wants_page(exchange.request().accept)) {
    co_return co_await ollama::greet(exchange, app);
  }
  co_await send_file(exchange, "index.html");
}

boost::asio::awaitable<void> asset(Exchange& exchange, App& /*app*/) {
  return send_file(exchange, "assets/" + exchange.request().parameters.at("file"));
}

}  // namespace tenfold::server::page
