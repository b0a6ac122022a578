#include "server/http/listener.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/http/activation.h"

namespace tenfold::server {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// Only programs of this machine come by it.
bool is_local(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.is_loopback();
}

std::string url(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", host, endpoint.port())
                                    : fmt::format("http://{}:{}", host, endpoint.port());
}

Error cannot_listen(const HttpOptions& options, const boost::system::error_code& failure) {
  return fail(
      ErrorCode::io,
      fmt::format("cannot listen on {}:{}: {}", options.host, options.port, failure.message()),
      "another program may have the port; choose one with --port");
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& loop, Site& site) {
  auto listener = std::unique_ptr<Listener>(new Listener(loop, site));
  for (const int descriptor : activated_sockets()) TRY(listener->adopt(descriptor));
  const bool inherited = !listener->acceptors_.empty();
  if (!inherited) TRY(listener->bind());
  TRY(listener->require_key());
  if (!inherited) TRY(listener->listen());
  return listener;
}

/// A socket of the service manager, which listens already.
Result<void> Listener::adopt(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  const bool known = ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  boost::system::error_code failure;
  if (!known || (address.ss_family != AF_INET && address.ss_family != AF_INET6)) {
    failure = asio::error::address_family_not_supported;
  } else {
    Acceptor acceptor(loop_);
    acceptor.assign(address.ss_family == AF_INET ? tcp::v4() : tcp::v6(), descriptor, failure);
    if (!failure) acceptors_.push_back(std::move(acceptor));
  }
  if (!failure) return {};
  return fail(ErrorCode::io, fmt::format("socket {} of the service manager is of no use: {}",
                                         descriptor, failure.message()));
}

Result<void> Listener::bind() {
  const HttpOptions& options = site_.options;
  boost::system::error_code failure;
  tcp::resolver resolver(loop_);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, failure);
  if (failure) return cannot_listen(options, failure);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  Acceptor acceptor(loop_);
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(Acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (failure) return cannot_listen(options, failure);
  acceptors_.push_back(std::move(acceptor));
  return {};
}

Result<void> Listener::require_key() const {
  if (!reachable() || !site_.options.keys.empty()) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("other machines can reach {}, and there is no API key",
                          fmt::join(addresses(), ", ")),
              "give --api-key-file or TENFOLD_API_KEY, or listen on 127.0.0.1");
}

Result<void> Listener::listen() {
  boost::system::error_code failure;
  for (Acceptor& acceptor : acceptors_) {
    acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) return cannot_listen(site_.options, failure);
  }
  return {};
}

/// An address that cannot be told may be any.
bool Listener::reachable() const {
  return std::ranges::any_of(acceptors_, [](const Acceptor& acceptor) {
    boost::system::error_code failure;
    const tcp::endpoint endpoint = acceptor.local_endpoint(failure);
    return failure || !is_local(endpoint.address());
  });
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> addresses;
  for (const Acceptor& acceptor : acceptors_) {
    boost::system::error_code ignored;
    addresses.push_back(url(acceptor.local_endpoint(ignored)));
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

/// Whatever one connection fails of, the next ones are taken.
asio::awaitable<void> Listener::accept_all(Acceptor& acceptor) {
  constexpr std::chrono::milliseconds pause{50};
  bool wait = false;
  while (acceptor.is_open()) {
    try {
      if (wait) {
        asio::steady_timer timer(loop_, pause);
        co_await timer.async_wait(asio::use_awaitable);
      }
      wait = !co_await accept_one(acceptor);
    } catch (const std::exception& error) {
      fmt::print(stderr, "tenfold serve: a connection was not taken: {}\n", error.what());
      wait = true;
    }
  }
}

/// False if none is taken for now. Connections beyond the limit wait in the kernel's queue until
/// others end, and so do all while there are no descriptors.
asio::awaitable<bool> Listener::accept_one(Acceptor& acceptor) {
  if (connections_ >= site_.options.limits.connections) co_return false;
  auto [failure, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
  if (failure) co_return false;
  asio::co_spawn(loop_, serve(std::move(socket)), asio::detached);
  co_return true;
}

asio::awaitable<void> Listener::serve(tcp::socket socket) {
  const struct Count {
    explicit Count(std::size_t& connections) : connections_(connections) { ++connections_; }
    ~Count() { --connections_; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    std::size_t& connections_;
  } count(connections_);
  co_await serve_connection(std::move(socket), site_);
}

}  // namespace tenfold::server
