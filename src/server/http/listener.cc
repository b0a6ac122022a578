#include "server/http/listener.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/http/activation.h"

namespace tenfold::server {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& loop, Site& site) {
  auto listener = std::unique_ptr<Listener>(new Listener(loop, site));
  for (const int descriptor : activated_sockets()) {
    boost::system::error_code failure;
    Acceptor acceptor(loop);
    acceptor.assign(tcp::v6(), descriptor, failure);
    if (failure) {
      return fail(ErrorCode::io, fmt::format("socket {} of the service manager is of no use: {}",
                                             descriptor, failure.message()));
    }
    listener->acceptors_.push_back(std::move(acceptor));
  }
  if (listener->acceptors_.empty()) TRY(listener->listen());
  return listener;
}

Result<void> Listener::listen() {
  const ServerOptions& options = site_.options;
  boost::system::error_code failure;
  tcp::resolver resolver(loop_);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, failure);
  if (!failure) {
    const tcp::endpoint endpoint = found.begin()->endpoint();
    Acceptor acceptor(loop_);
    acceptor.open(endpoint.protocol(), failure);
    if (!failure) acceptor.set_option(Acceptor::reuse_address(true), failure);
    if (!failure) acceptor.bind(endpoint, failure);
    if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (!failure) acceptors_.push_back(std::move(acceptor));
  }
  if (!failure) return {};
  return fail(
      ErrorCode::io,
      fmt::format("cannot listen on {}:{}: {}", options.host, options.port, failure.message()),
      "another program may have the port; choose one with --port");
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> addresses;
  for (const Acceptor& acceptor : acceptors_) {
    boost::system::error_code ignored;
    const tcp::endpoint endpoint = acceptor.local_endpoint(ignored);
    const std::string host = endpoint.address().to_string();
    addresses.push_back(endpoint.address().is_v6()
                            ? fmt::format("http://[{}]:{}", host, endpoint.port())
                            : fmt::format("http://{}:{}", host, endpoint.port()));
  }
  return addresses;
}

void Listener::start() {
  for (Acceptor& acceptor : acceptors_) {
    asio::co_spawn(loop_, accept_all(acceptor), asio::detached);
  }
}

void Listener::stop() {
  site_.stopping = true;
  boost::system::error_code ignored;
  for (Acceptor& acceptor : acceptors_) acceptor.close(ignored);
  for (boost::beast::tcp_stream* stream : site_.idle) stream->cancel();
}

/// Connections beyond the limit wait in the kernel's queue until others end.
asio::awaitable<void> Listener::accept_all(Acceptor& acceptor) {
  constexpr std::chrono::milliseconds pause{50};
  asio::steady_timer timer(loop_);
  while (acceptor.is_open()) {
    if (connections_ >= site_.options.limits.connections) {
      timer.expires_after(pause);
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    auto [failure, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!failure) {
      asio::co_spawn(loop_, serve(std::move(socket)), asio::detached);
    } else if (acceptor.is_open()) {  // out of descriptors, say: others will be closed
      timer.expires_after(pause);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }
}

asio::awaitable<void> Listener::serve(tcp::socket socket) {
  ++connections_;
  co_await serve_connection(std::move(socket), site_);
  --connections_;
}

}  // namespace tenfold::server
