// The handlers of Ollama's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/apis/services.h"
#include "server/http/exchange.h"

namespace tenfold::server::ollama {

boost::asio::awaitable<void> chat(Exchange& exchange, Services& services);
boost::asio::awaitable<void> generate(Exchange& exchange, Services& services);
boost::asio::awaitable<void> embed(Exchange& exchange, Services& services);
boost::asio::awaitable<void> embeddings(Exchange& exchange, Services& services);
boost::asio::awaitable<void> tags(Exchange& exchange, Services& services);
boost::asio::awaitable<void> show(Exchange& exchange, Services& services);
boost::asio::awaitable<void> ps(Exchange& exchange, Services& services);
boost::asio::awaitable<void> pull(Exchange& exchange, Services& services);
boost::asio::awaitable<void> remove(Exchange& exchange, Services& services);
boost::asio::awaitable<void> version(Exchange& exchange, Services& services);

/// GET /: what Ollama's clients look at to see whether there is a server.
boost::asio::awaitable<void> greet(Exchange& exchange, Services& services);

}  // namespace tenfold::server::ollama
