// The handlers of OpenAI's API.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::openai {

boost::asio::awaitable<void> chat_completions(Exchange& exchange, App& app);
boost::asio::awaitable<void> completions(Exchange& exchange, App& app);
boost::asio::awaitable<void> embeddings(Exchange& exchange, App& app);
boost::asio::awaitable<void> responses(Exchange& exchange, App& app);
boost::asio::awaitable<void> list_models(Exchange& exchange, App& app);
boost::asio::awaitable<void> show_model(Exchange& exchange, App& app);

}  // namespace tenfold::server::openai
