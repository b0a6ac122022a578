// Sockets that accept connections, on one event loop, until they are told to stop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <vector>

#include "server/http/connection.h"

namespace tenfold::server {

/// Not thread-safe: everything happens on the thread that runs `loop`.
class Listener {
 public:
  /// Takes the sockets of systemd's socket activation (sd_listen_fds(3)) where there are any, else
  /// listens on the host and port of the site's options. io with the address and the cause, e.g.
  /// that another program has the port; invalid_argument if others can reach it and there is no
  /// API key, whoever bound the address. `loop` and `site` outlive it.
  static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& loop, Site& site);

  /// "http://127.0.0.1:10010", one for each socket.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Whether others than this machine's programs can reach one of the sockets.
  [[nodiscard]] bool reachable() const;

  void start();

  /// Takes no more connections, and ends those that wait for a request.
  void stop();

  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  using Acceptor = boost::asio::ip::tcp::acceptor;

  Listener(boost::asio::io_context& loop, Site& site) : loop_(loop), site_(site) {}
  Result<void> adopt(int descriptor);
  Result<void> bind();
  Result<void> require_key() const;
  Result<void> listen();
  boost::asio::awaitable<void> accept_all(Acceptor& acceptor);
  boost::asio::awaitable<bool> accept_one(Acceptor& acceptor);
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

  boost::asio::io_context& loop_;
  Site& site_;
  std::vector<Acceptor> acceptors_;
  std::size_t connections_ = 0;
};

}  // namespace tenfold::server
