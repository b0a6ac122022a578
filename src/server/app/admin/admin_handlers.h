// The handlers of Tenfold's own API under /api/v1: what the common APIs lack.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app/app.h"
#include "server/http/exchange.h"

namespace tenfold::server::admin {

boost::asio::awaitable<void> list_engines(Exchange& exchange, App& app);

boost::asio::awaitable<void> inspect(Exchange& exchange, App& app);
/// Are the files what they were?
boost::asio::awaitable<void> verify_stored(Exchange& exchange, App& app);
/// Adds a model that lies on this machine.
boost::asio::awaitable<void> import_here(Exchange& exchange, App& app);
boost::asio::awaitable<void> list_adoptable(Exchange& exchange, App& app);
boost::asio::awaitable<void> adopt(Exchange& exchange, App& app);
boost::asio::awaitable<void> disk(Exchange& exchange, App& app);

boost::asio::awaitable<void> list_stored(Exchange& exchange, App& app);
boost::asio::awaitable<void> delete_stored(Exchange& exchange, App& app);
boost::asio::awaitable<void> search_catalogue(Exchange& exchange, App& app);

boost::asio::awaitable<void> start_download(Exchange& exchange, App& app);
boost::asio::awaitable<void> list_downloads(Exchange& exchange, App& app);
boost::asio::awaitable<void> show_download(Exchange& exchange, App& app);
boost::asio::awaitable<void> follow_download(Exchange& exchange, App& app);
boost::asio::awaitable<void> cancel_download(Exchange& exchange, App& app);
/// Deletes what unfinished ones left on disk.
boost::asio::awaitable<void> clear_downloads(Exchange& exchange, App& app);

boost::asio::awaitable<void> load(Exchange& exchange, App& app);
boost::asio::awaitable<void> unload(Exchange& exchange, App& app);

boost::asio::awaitable<void> score(Exchange& exchange, App& app);
boost::asio::awaitable<void> tokenize(Exchange& exchange, App& app);

}  // namespace tenfold::server::admin
