// The handlers of Anthropic's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/apis/services.h"
#include "server/http/exchange.h"

namespace tenfold::server::anthropic {

boost::asio::awaitable<void> messages(Exchange& exchange, Services& services);
boost::asio::awaitable<void> count_tokens(Exchange& exchange, Services& services);

}  // namespace tenfold::server::anthropic
