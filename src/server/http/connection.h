// One client's connection: its requests one after the other, each checked, routed and answered.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <set>
#include <span>
#include <string>

#include "server/http/guard.h"
#include "server/http/options.h"
#include "server/http/router.h"

namespace tenfold::server {

/// What was asked and what became of it; nothing of what was said.
struct AccessRecord {
  std::string id;
  std::string client;
  std::string method;
  std::string path;
  int status = 0;
  std::size_t received_bytes = 0;
  std::size_t sent_bytes = 0;
  double seconds = 0;
  std::string noted = {};       ///< fields that were taken and change nothing
  std::string_view route = {};  ///< the pattern its path has in the table; empty: none
};

/// What all connections share. Outlives them.
struct Site {
  const HttpOptions& options;
  const Guard& guard;
  std::span<const Route> routes;
  App& app;
  std::function<void(const AccessRecord&)> log;
  bool stopping = false;                          ///< connections end after the reply they are at
  std::set<boost::beast::tcp_stream*> idle = {};  ///< wait for a request
};

/// Serves the connection until either side ends it. Throws nothing.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, Site& site);

}  // namespace tenfold::server
