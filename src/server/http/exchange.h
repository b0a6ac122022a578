// One request and the reply to it: what a handler holds.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "server/http/message.h"
#include "server/http/options.h"

namespace tenfold::server {

/// Belongs to a connection's coroutine; not thread-safe. Exactly one reply is sent: send(), or
/// begin_stream(), any number of write() and end_stream(). Functions that write throw
/// boost::system::system_error when the client has gone or takes nothing for Limits::write_time.
class Exchange {
 public:
  using Awaitable = boost::asio::awaitable<void>;

  struct Terms {
    Dialect dialect = Dialect::tenfold;
    bool keep_alive = true;  ///< both sides want the connection kept
    bool head_only = false;  ///< HEAD: no body is sent
    int http_version = 11;
    std::vector<std::pair<std::string, std::string>> headers;  ///< of every reply
  };

  Exchange(boost::beast::tcp_stream& stream, const HttpRequest& request, Terms terms,
           const Limits& limits);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] Dialect dialect() const { return terms_.dialect; }

  /// The body as an object. invalid_argument when it is none, or nested deeper than the limit.
  [[nodiscard]] Result<Json> json() const;

  /// Fields of the body that are taken and change nothing: named in the header `Tenfold-Noted` of
  /// the reply, and in the log. Before the reply.
  void note(const std::vector<std::string>& fields);

  Awaitable send(Reply reply);
  Awaitable send(const Error& error);

  Awaitable begin_stream(std::string content_type);
  /// Sends at once; an empty text sends nothing.
  Awaitable write(std::string_view text);
  Awaitable end_stream();

  /// Calls `action` at most once, on the event loop, when the client closes its side before the
  /// reply is done.
  void on_gone(std::function<void()> action);

  /// The client had closed its side before the reply was done; known after on_gone() only.
  [[nodiscard]] bool gone() const { return gone_; }

  /// After the reply: whether the next request of this connection can be read.
  [[nodiscard]] bool reusable() const { return replied_ && terms_.keep_alive; }
  /// 0: nothing has been sent.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::size_t sent_bytes() const { return sent_bytes_; }
  [[nodiscard]] const std::string& noted() const { return noted_; }

 private:
  struct Watch;

  boost::beast::tcp_stream& stream_;
  const HttpRequest& request_;
  Terms terms_;
  const Limits& limits_;
  std::shared_ptr<Watch> watch_;
  bool chunked_ = false;
  bool replied_ = false;
  bool gone_ = false;
  int status_ = 0;
  std::size_t sent_bytes_ = 0;
  std::string noted_;
};

}  // namespace tenfold::server
