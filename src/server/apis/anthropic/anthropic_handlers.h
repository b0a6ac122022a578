// The handlers of Anthropic's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::anthropic {

boost::asio::awaitable<void> messages(Exchange& exchange, App& app);
boost::asio::awaitable<void> count_tokens(Exchange& exchange, App& app);

}  // namespace tenfold::server::anthropic
