// The handlers of the program's settings.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::settings {

boost::asio::awaitable<void> show(Exchange& exchange, App& app);
boost::asio::awaitable<void> change(Exchange& exchange, App& app);

}  // namespace tenfold::server::settings
