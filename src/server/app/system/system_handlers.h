// The handlers that tell how the server is.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::system {

/// The process is up: always 200.
boost::asio::awaitable<void> health(Exchange& exchange, App& app);

/// Answers are really generated: 200 if a token was within the last half minute, or can be now.
boost::asio::awaitable<void> ready(Exchange& exchange, App& app);

/// For Prometheus.
boost::asio::awaitable<void> metrics(Exchange& exchange, App& app);

/// What all routes take and give.
boost::asio::awaitable<void> openapi(Exchange& exchange, App& app);

}  // namespace tenfold::server::system
