// The handlers of benchmarks.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::bench {

boost::asio::awaitable<void> start(Exchange& exchange, App& app);
boost::asio::awaitable<void> list(Exchange& exchange, App& app);
boost::asio::awaitable<void> show(Exchange& exchange, App& app);
boost::asio::awaitable<void> cancel(Exchange& exchange, App& app);
boost::asio::awaitable<void> remove(Exchange& exchange, App& app);
boost::asio::awaitable<void> export_one(Exchange& exchange, App& app);
/// How far it is, until it ends.
boost::asio::awaitable<void> follow(Exchange& exchange, App& app);

}  // namespace tenfold::server::bench
