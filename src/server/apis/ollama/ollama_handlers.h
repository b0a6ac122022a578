// The handlers of Ollama's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::ollama {

boost::asio::awaitable<void> chat(Exchange& exchange, App& app);
boost::asio::awaitable<void> generate(Exchange& exchange, App& app);
boost::asio::awaitable<void> embed(Exchange& exchange, App& app);
boost::asio::awaitable<void> embeddings(Exchange& exchange, App& app);
boost::asio::awaitable<void> tags(Exchange& exchange, App& app);
boost::asio::awaitable<void> show(Exchange& exchange, App& app);
boost::asio::awaitable<void> ps(Exchange& exchange, App& app);
boost::asio::awaitable<void> pull(Exchange& exchange, App& app);
boost::asio::awaitable<void> remove(Exchange& exchange, App& app);
boost::asio::awaitable<void> version(Exchange& exchange, App& app);

/// GET /: what Ollama's clients look at to see whether there is a server.
boost::asio::awaitable<void> greet(Exchange& exchange, App& app);

}  // namespace tenfold::server::ollama
