// The handler of comparisons.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::verify {

boost::asio::awaitable<void> compare(Exchange& exchange, App& app);

}  // namespace tenfold::server::verify
