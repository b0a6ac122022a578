// The handlers of OpenAI's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/apis/services.h"
#include "server/http/exchange.h"

namespace tenfold::server::openai {

boost::asio::awaitable<void> chat_completions(Exchange& exchange, Services& services);
boost::asio::awaitable<void> completions(Exchange& exchange, Services& services);
boost::asio::awaitable<void> embeddings(Exchange& exchange, Services& services);
boost::asio::awaitable<void> responses(Exchange& exchange, Services& services);
boost::asio::awaitable<void> list_models(Exchange& exchange, Services& services);
boost::asio::awaitable<void> show_model(Exchange& exchange, Services& services);

}  // namespace tenfold::server::openai
