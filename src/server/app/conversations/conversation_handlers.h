// The handlers of conversations, which are stored on the server, with answers that outlive the page
// that asked for them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::conversations {

boost::asio::awaitable<void> list(Exchange& exchange, App& app);
boost::asio::awaitable<void> create(Exchange& exchange, App& app);
boost::asio::awaitable<void> show(Exchange& exchange, App& app);
boost::asio::awaitable<void> change(Exchange& exchange, App& app);
boost::asio::awaitable<void> remove(Exchange& exchange, App& app);
boost::asio::awaitable<void> restore(Exchange& exchange, App& app);
boost::asio::awaitable<void> export_one(Exchange& exchange, App& app);
boost::asio::awaitable<void> import_one(Exchange& exchange, App& app);

/// Begins an answer that does not need its client any more.
boost::asio::awaitable<void> ask(Exchange& exchange, App& app);
boost::asio::awaitable<void> stop(Exchange& exchange, App& app);
/// The state and then all that happens, until the client goes.
boost::asio::awaitable<void> follow(Exchange& exchange, App& app);

/// The prompt as the model would see it.
boost::asio::awaitable<void> look(Exchange& exchange, App& app);

}  // namespace tenfold::server::conversations
