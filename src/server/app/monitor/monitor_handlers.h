// The handlers of the monitor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::monitor {

/// All that is happening, now.
boost::asio::awaitable<void> status(Exchange& exchange, App& app);
/// The same every second, until the client goes.
boost::asio::awaitable<void> follow(Exchange& exchange, App& app);

}  // namespace tenfold::server::monitor
