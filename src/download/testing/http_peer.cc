#include "download/testing/http_peer.h"

#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <cerrno>
#include <chrono>
#include <random>
#include <string_view>

namespace tenfold::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint64_t piece_bytes = 256 << 10;

std::string head_of(const PeerReply& reply, std::uint64_t length) {
  std::string head = fmt::format("HTTP/1.1 {} Reply\r\n", reply.status);
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  if (reply.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (reply.close_delimited) {
    head += "Connection: close\r\n";
  } else {
    head += fmt::format("Content-Length: {}\r\n", reply.announced.value_or(length));
  }
  return head + "\r\n";
}

boost::system::error_code send_piece(tcp::socket& socket, const PeerReply& reply,
                                     std::uint64_t begin, std::uint64_t size) {
  boost::system::error_code error;
  if (reply.body_file < 0) {
    asio::write(socket, asio::buffer(reply.body->data() + begin, size), error);
    return error;
  }
  const auto end = static_cast<off_t>(begin + size);
  for (auto at = static_cast<off_t>(begin); at < end;) {
    const auto left = static_cast<std::size_t>(end - at);
    if (::sendfile(socket.native_handle(), reply.body_file, &at, left) <= 0) {
      return {errno, boost::system::system_category()};
    }
  }
  return error;
}

}  // namespace

PeerReply serve(const PeerRequest& request, std::shared_ptr<const std::string> file,
                const std::string& etag, const std::string& last_modified) {
  PeerReply reply;
  reply.body = std::move(file);
  reply.headers["Content-Type"] = "application/octet-stream";
  if (!etag.empty()) reply.headers["ETag"] = etag;
  if (!last_modified.empty()) reply.headers["Last-Modified"] = last_modified;
  const auto range = request.headers.find("range");
  if (range == request.headers.end()) return reply;
  const auto condition = request.headers.find("if-range");
  if (condition != request.headers.end() && condition->second != etag &&
      condition->second != last_modified) {
    return reply;
  }
  const std::string text = range->second.substr(std::string_view("bytes=").size());
  const std::uint64_t size = reply.body->size();
  reply.begin = std::stoull(text);
  const std::string last = text.substr(text.find('-') + 1);
  reply.end = last.empty() ? size : std::min<std::uint64_t>(size, std::stoull(last) + 1);
  if (reply.begin >= size) {
    reply.status = 416;
    reply.headers["Content-Range"] = fmt::format("bytes */{}", size);
    reply.begin = reply.end = 0;
    return reply;
  }
  reply.status = 206;
  reply.headers["Content-Range"] = fmt::format("bytes {}-{}/{}", reply.begin, reply.end - 1, size);
  return reply;
}

std::shared_ptr<const std::string> random_file(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t value = random();
    bytes.replace(i, std::min<std::size_t>(8, size - i), reinterpret_cast<const char*>(&value),
                  std::min<std::size_t>(8, size - i));
  }
  return std::make_shared<const std::string>(std::move(bytes));
}

HttpPeer::HttpPeer(Handler handler)
    : handler_(std::move(handler)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      accepter_([this] { accept(); }) {}

HttpPeer::~HttpPeer() {
  stopping_ = true;
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  accepter_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : open_sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  talkers_.clear();
}

std::string HttpPeer::url(const std::string& path, const std::string& host) const {
  return fmt::format("http://{}:{}{}", host, acceptor_.local_endpoint().port(), path);
}

std::vector<PeerRequest> HttpPeer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpPeer::accept() {
  while (!stopping_) {
    boost::system::error_code error;
    auto socket = std::make_shared<tcp::socket>(context_);
    acceptor_.accept(*socket, error);
    if (error) continue;
    ++connections_;
    talkers_.emplace_back([this, socket] {
      {
        const std::lock_guard lock(mutex_);
        open_sockets_.push_back(socket->native_handle());
      }
      talk(*socket);
      const std::lock_guard lock(mutex_);
      std::erase(open_sockets_, socket->native_handle());
      boost::system::error_code ignored;
      socket->close(ignored);
    });
  }
}

void HttpPeer::talk(tcp::socket& socket) {
  boost::beast::flat_buffer buffer;
  while (!stopping_) {
    http::request<http::empty_body> message;
    boost::system::error_code error;
    http::read(socket, buffer, message, error);
    if (error) return;
    PeerRequest request;
    request.target = std::string(message.target());
    for (const auto& field : message) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[name] = std::string(field.value());
    }
    {
      const std::lock_guard lock(mutex_);
      request.number = static_cast<int>(requests_.size());
      requests_.push_back(request);
    }
    if (!send(socket, handler_(request))) return;
  }
}

/// False when the connection is to end.
bool HttpPeer::send(tcp::socket& socket, const PeerReply& reply) {
  const std::uint64_t end = std::min<std::uint64_t>(reply.end, reply.body->size());
  boost::system::error_code error;
  asio::write(socket, asio::buffer(head_of(reply, end - reply.begin)), error);
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t at = reply.begin; at < end && !error;) {
    const std::uint64_t sent = at - reply.begin;
    if (reply.cut_after && sent >= *reply.cut_after) return false;
    if (reply.stall_after && sent >= *reply.stall_after) {
      while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      return false;
    }
    std::uint64_t size = std::min(piece_bytes, end - at);
    if (reply.cut_after) size = std::min(size, *reply.cut_after - sent);
    if (reply.stall_after) size = std::min(size, *reply.stall_after - sent);
    if (reply.bytes_per_second > 0) {
      size = std::min<std::uint64_t>(size, 1 + reply.bytes_per_second / 50);
      const std::chrono::duration<double> due(static_cast<double>(sent) /
                                              static_cast<double>(reply.bytes_per_second));
      while (!stopping_ && std::chrono::steady_clock::now() < started + due) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    if (reply.chunked) asio::write(socket, asio::buffer(fmt::format("{:x}\r\n", size)), error);
    if (!error) error = send_piece(socket, reply, at, size);
    if (reply.chunked && !error) asio::write(socket, asio::buffer("\r\n", 2), error);
    at += size;
  }
  if (reply.chunked && !error) asio::write(socket, asio::buffer("0\r\n\r\n", 5), error);
  const bool lied = reply.announced && *reply.announced > end - reply.begin;
  return !error && !reply.close_delimited && !lied;
}

}  // namespace tenfold::testing
