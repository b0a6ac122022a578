// The handlers that send the web page.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::page {

/// The page for browsers; for all others what Ollama's clients look for.
boost::asio::awaitable<void> index(Exchange& exchange, App& app);

boost::asio::awaitable<void> asset(Exchange& exchange, App& app);

}  // namespace tenfold::server::page
