#include "server/http/exchange.h"

#include <fmt/ranges.h>
#include <sys/socket.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>

#include "engine/json_depth.h"
#include "server/http/error_reply.h"

namespace tenfold::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// Waits for the end of the client's side while the reply is made. Outlives the exchange until the
/// cancelled wait has returned.
struct Exchange::Watch : std::enable_shared_from_this<Watch> {
  Watch(asio::ip::tcp::socket& socket, std::function<void()> action)
      : socket_(socket), action_(std::move(action)) {}

  void start() {
    socket_.async_wait(asio::socket_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error && self->action_) self->look();
                       });
  }

  void stop() {
    action_ = nullptr;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

 private:
  void look() {
    char byte = 0;
    const ssize_t seen = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return start();
    // A client that already sends its next request is there.
    if (seen <= 0) std::exchange(action_, nullptr)();
  }

  asio::ip::tcp::socket& socket_;
  std::function<void()> action_;
};

namespace {

template <typename Message>
void set_headers(Message& message, const Exchange::Terms& terms, std::string_view content_type) {
  message.set(http::field::content_type, content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : terms.headers) message.set(name, value);
  message.keep_alive(terms.keep_alive);
}

}  // namespace

Exchange::Exchange(boost::beast::tcp_stream& stream, const HttpRequest& request, Terms terms,
                   const Limits& limits)
    : stream_(stream), request_(request), terms_(std::move(terms)), limits_(limits) {}

Exchange::~Exchange() {
  if (watch_) watch_->stop();
}

Result<Json> Exchange::json() const {
  if (nests_deeper(request_.body, limits_.json_depth)) {
    return fail(ErrorCode::invalid_argument,
                "the body is nested deeper than " + std::to_string(limits_.json_depth) + " levels");
  }
  Json json;
  try {
    json = Json::parse(request_.body);
  } catch (const Json::exception& error) {
    const std::string_view what = error.what();
    return fail(ErrorCode::invalid_argument,
                "the body is not JSON in UTF-8: " +
                    dump(std::string(what.substr(std::min(what.find("] ") + 2, what.size())))),
                "send a JSON object, e.g. with curl --json");
  }
  if (json.is_object()) return json;
  return fail(ErrorCode::invalid_argument, "the body is not a JSON object",
              "send a JSON object, e.g. with curl --json");
}

void Exchange::note(const std::vector<std::string>& fields) {
  if (fields.empty()) return;
  noted_ = fmt::format("{}", fmt::join(fields, ", "));
  terms_.headers.emplace_back("Tenfold-Noted", noted_);
}

Exchange::Awaitable Exchange::send(Reply reply) {
  http::response<http::string_body> message(static_cast<http::status>(reply.status),
                                            static_cast<unsigned>(terms_.http_version));
  set_headers(message, terms_, reply.content_type);
  for (const auto& [name, value] : reply.headers) message.set(name, value);
  status_ = reply.status;
  const std::size_t length = reply.body.size();
  if (!terms_.head_only) message.body() = std::move(reply.body);
  message.content_length(length);
  stream_.expires_after(limits_.write_time);
  replied_ = true;  // a client that has all of it may go at once
  sent_bytes_ += co_await http::async_write(stream_, message, asio::use_awaitable);
}

Exchange::Awaitable Exchange::send(const Error& error) {
  co_await send(error_reply(terms_.dialect, error));
}

Exchange::Awaitable Exchange::begin_stream(std::string content_type) {
  chunked_ = terms_.http_version >= 11;
  if (!chunked_) terms_.keep_alive = false;  // HTTP/1.0: the end of the body is the connection's
  http::response<http::empty_body> message(http::status::ok,
                                           static_cast<unsigned>(terms_.http_version));
  set_headers(message, terms_, content_type);
  message.set("X-Accel-Buffering", "no");  // proxies that would keep back what is to be seen now
  message.chunked(chunked_);
  status_ = 200;
  http::response_serializer<http::empty_body> serializer(message);
  stream_.expires_after(limits_.write_time);
  sent_bytes_ += co_await http::async_write_header(stream_, serializer, asio::use_awaitable);
}

Exchange::Awaitable Exchange::write(std::string_view text) {
  if (text.empty()) co_return;
  stream_.expires_after(limits_.write_time);
  const asio::const_buffer buffer(text.data(), text.size());
  if (chunked_) {
    sent_bytes_ +=
        co_await asio::async_write(stream_, http::make_chunk(buffer), asio::use_awaitable);
  } else {
    sent_bytes_ += co_await asio::async_write(stream_, buffer, asio::use_awaitable);
  }
}

Exchange::Awaitable Exchange::end_stream() {
  stream_.expires_after(limits_.write_time);
  replied_ = true;
  if (chunked_) {
    sent_bytes_ +=
        co_await asio::async_write(stream_, http::make_chunk_last(), asio::use_awaitable);
  }
}

void Exchange::on_gone(std::function<void()> action) {
  // The watch calls nothing once this object has gone.
  watch_ = std::make_shared<Watch>(stream_.socket(), [this, action = std::move(action)] {
    gone_ = !replied_;
    action();
  });
  watch_->start();
}

}  // namespace tenfold::server
