#include "server/http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <random>

#include "server/http/error_reply.h"
#include "server/http/exchange.h"

namespace tenfold::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;
using Failure = boost::system::error_code;

/// In the log: the client was gone before the reply was whole. No reply has this status.
constexpr int client_gone = 499;

std::string new_id() {
  static std::mt19937_64 random{std::random_device{}()};
  return fmt::format("req_{:016x}", random());
}

std::string_view text(beast::string_view view) { return {view.data(), view.size()}; }

/// An error with the status that says best what HTTP itself objects to.
struct Refusal {
  Error error;
  std::optional<int> status;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Marks a connection that may be closed without anyone missing a reply.
class Idle {
 public:
  Idle(Site& site, beast::tcp_stream& stream) : site_(site), stream_(stream) {
    site_.idle.insert(&stream_);
  }
  ~Idle() { site_.idle.erase(&stream_); }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

 private:
  Site& site_;
  beast::tcp_stream& stream_;
};

class Connection {
 public:
  Connection(asio::ip::tcp::socket socket, Site& site)
      : stream_(std::move(socket)), site_(site), buffer_(site.options.limits.header_bytes) {
    Failure ignored;
    address_ = stream_.socket().remote_endpoint(ignored).address().to_string();
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  asio::awaitable<void> run() {
    while (!site_.stopping && co_await serve_one()) {
    }
    Failure ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

 private:
  /// One request and its reply; false when the connection has to end.
  asio::awaitable<bool> serve_one() {
    const Limits& limits = site_.options.limits;
    if (buffer_.size() == 0) {
      const Idle idle(site_, stream_);
      stream_.expires_after(limits.idle_time);
      Failure failure;
      buffer_.commit(co_await stream_.async_read_some(
          buffer_.prepare(std::min<std::size_t>(limits.header_bytes, 4096)),
          asio::redirect_error(asio::use_awaitable, failure)));
      if (failure || site_.stopping) co_return false;
    }
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    stream_.expires_after(limits.header_time);
    Failure failure;
    co_await http::async_read_header(stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, failure));
    if (failure == http::error::end_of_stream || failure == beast::error::timeout) co_return false;

    started_ = Clock::now();
    request_ = {};
    request_.id = new_id();
    request_.client = address_;
    terms_ = {};
    match_ = {};
    terms_.headers = {{"X-Request-Id", request_.id}};
    if (failure) co_return co_await refuse(unreadable(failure));
    co_return co_await answer(parser);
  }

  asio::awaitable<bool> answer(Parser& parser) {
    const auto& head = parser.get();
    request_.method = text(head.method_string());
    terms_.http_version = static_cast<int>(head.version());
    terms_.keep_alive = head.keep_alive() && !site_.stopping;
    terms_.head_only = head.method() == http::verb::head;
    std::optional<Refusal> refusal = check(head);
    if (!refusal && head.method() == http::verb::options) {
      // A body, which has no meaning here, would be taken for the next request.
      terms_.keep_alive = terms_.keep_alive && parser.is_done();
      co_return co_await answer_preflight(text(head[http::field::access_control_request_headers]));
    }
    if (!refusal && text(head[http::field::expect]) == "100-continue") {
      co_await asio::async_write(stream_, asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25),
                                 asio::use_awaitable);
    }
    if (refusal) co_return co_await refuse(std::move(*refusal));

    stream_.expires_after(site_.options.limits.body_time);
    Failure failure;
    co_await http::async_read(stream_, buffer_, parser,
                              asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return co_await refuse(unreadable(failure));
    request_.body = std::move(parser.get().body());
    stream_.expires_never();

    Exchange exchange(stream_, request_, terms_, site_.options.limits);
    co_await handle(exchange);
    co_return exchange.reusable();
  }

  /// What a handler throws is its request's alone.
  asio::awaitable<void> handle(Exchange& exchange) {
    std::optional<Error> broken;
    try {
      co_await match_.route->handler(exchange, site_.app);
    } catch (const boost::system::system_error&) {
      log(exchange, client_gone);  // or it takes nothing
      throw;
    } catch (const std::exception& error) {
      broken = fail(ErrorCode::internal, fmt::format("the request failed: {}", error.what()));
    }
    if (!broken) co_return log(exchange, exchange.gone() ? client_gone : exchange.status());
    if (exchange.status() == 0) co_await exchange.send(*broken);
    log(exchange, http_status(broken->code));
  }

  /// All that can be said before the body is read.
  std::optional<Refusal> check(const http::header<true, http::fields>& head) {
    const std::string_view target = text(head.target());
    const std::size_t question = target.find('?');
    auto path = decode_url(target.substr(0, question), false);
    if (!path.ok()) return Refusal{path.error(), {}, {}};
    request_.path = std::move(path).value();
    terms_.dialect = dialect_of(request_.path);
    auto query = decode_query(question == std::string_view::npos ? std::string_view()
                                                                 : target.substr(question + 1));
    if (!query.ok()) return Refusal{query.error(), {}, {}};
    request_.query = std::move(query).value();

    const Credentials given{text(head[http::field::host]), text(head[http::field::origin]),
                            text(head[http::field::authorization]), text(head["x-api-key"])};
    if (const auto host = site_.guard.check_host(given.host); !host.ok()) {
      return Refusal{host.error(), {}, {}};
    }
    const auto origin = site_.guard.check_origin(given);
    if (!origin.ok()) return Refusal{origin.error(), {}, {}};
    if (*origin) {
      terms_.headers.emplace_back("Access-Control-Allow-Origin", **origin);
      terms_.headers.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Tenfold-Noted");
      terms_.headers.emplace_back("Vary", "Origin");
    }
    match_ = find_route(site_.routes, request_.method, request_.path);
    if (head.method() == http::verb::options && !match_.allowed.empty()) return std::nullopt;
    if (match_.route == nullptr) return no_route();
    request_.accept = text(head[http::field::accept]);
    request_.accept_encoding = text(head[http::field::accept_encoding]);
    request_.if_none_match = text(head[http::field::if_none_match]);
    return check_visitor(given);
  }

  std::optional<Refusal> check_visitor(const Credentials& given) {
    const auto visitor = site_.guard.identify(given);
    const std::optional<Right> right = match_.route->right;
    if (right && !visitor.ok()) {
      return Refusal{visitor.error(), 401, {{"WWW-Authenticate", "Bearer"}}};
    }
    if (visitor.ok() && !visitor->name.empty()) request_.client = visitor->name;
    if (right && !visitor->rights.contains(*right)) {
      return Refusal{fail(ErrorCode::permission_denied,
                          fmt::format("the API key \"{}\" has no right to this", visitor->name)),
                     {},
                     {}};
    }
    terms_.dialect = match_.route->dialect;
    request_.parameters = std::move(match_.parameters);
    return std::nullopt;
  }

  [[nodiscard]] Refusal no_route() const {
    if (match_.allowed.empty()) {
      return {fail(ErrorCode::not_found, fmt::format("there is no {}", request_.path),
                   "GET /openapi.json lists what there is"),
              {},
              {}};
    }
    return {fail(ErrorCode::invalid_argument,
                 fmt::format("{} does not take {}", request_.path, request_.method),
                 "it takes " + match_.allowed),
            405,
            {{"Allow", match_.allowed}}};
  }

  [[nodiscard]] Refusal unreadable(const Failure& failure) const {
    const Limits& limits = site_.options.limits;
    if (failure == http::error::body_limit) {
      return {fail(ErrorCode::invalid_argument,
                   fmt::format("the body is larger than {} bytes", limits.body_bytes)),
              413,
              {}};
    }
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow) {
      return {fail(ErrorCode::invalid_argument,
                   fmt::format("the headers are larger than {} bytes", limits.header_bytes)),
              431,
              {}};
    }
    if (failure == beast::error::timeout) {
      return {fail(ErrorCode::deadline_exceeded, "the body took too long to arrive"), 408, {}};
    }
    return {fail(ErrorCode::invalid_argument, "this is no HTTP request: " + failure.message()),
            400,
            {}};
  }

  /// What a browser asks before it lets a page of another server in.
  asio::awaitable<bool> answer_preflight(std::string_view asked_headers) {
    terms_.headers.emplace_back("Allow", match_.allowed);
    terms_.headers.emplace_back("Access-Control-Allow-Methods", match_.allowed);
    // The origin is allowed, and a page of it may send what it likes, as programs do.
    std::string headers(asked_headers);
    if (headers.empty()) headers = "Authorization, Content-Type, X-Api-Key, Anthropic-Version";
    terms_.headers.emplace_back("Access-Control-Allow-Headers", headers);
    Reply reply;
    reply.status = 204;
    Exchange exchange(stream_, request_, terms_, site_.options.limits);
    co_await exchange.send(std::move(reply));
    log(exchange, exchange.status());
    co_return exchange.reusable();
  }

  /// Ends the connection, as what is left of the request is not read.
  asio::awaitable<bool> refuse(Refusal refusal) {
    terms_.keep_alive = false;
    Exchange exchange(stream_, request_, terms_, site_.options.limits);
    Reply reply = error_reply(terms_.dialect, refusal.error, refusal.status);
    reply.headers = std::move(refusal.headers);
    co_await exchange.send(std::move(reply));
    log(exchange, exchange.status());
    co_await drain();
    co_return false;
  }

  /// Takes what the client still sends for a moment, so that closing does not take the reply away
  /// from it (RFC 9112, 9.6).
  asio::awaitable<void> drain() {
    Failure failure;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, failure);
    stream_.expires_after(std::chrono::seconds(1));
    std::array<char, 4096> ignored{};
    for (int i = 0; i < 256 && !failure; ++i) {
      co_await stream_.async_read_some(asio::buffer(ignored),
                                       asio::redirect_error(asio::use_awaitable, failure));
    }
  }

  void log(const Exchange& exchange, int status) {
    const std::chrono::duration<double> took = Clock::now() - started_;
    site_.log({request_.id, request_.client, request_.method, request_.path, status,
               request_.body.size(), exchange.sent_bytes(), took.count(), exchange.noted(),
               match_.route == nullptr ? std::string_view() : match_.route->path});
  }

  beast::tcp_stream stream_;
  Site& site_;
  beast::flat_buffer buffer_;
  std::string address_;
  HttpRequest request_;
  Exchange::Terms terms_;
  Match match_;
  Clock::time_point started_;
};

}  // namespace

asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, Site& site) {
  try {
    Connection connection(std::move(socket), site);
    co_await connection.run();
  } catch (const boost::system::system_error&) {
    // The client has gone or takes nothing: there is nobody left to tell.
  } catch (const std::exception& error) {
    fmt::print(stderr, "tenfold serve: a connection failed: {}\n", error.what());
  }
}

}  // namespace tenfold::server
