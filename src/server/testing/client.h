// An HTTP client for tests that sends exactly the bytes it is given. Blocking.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <string>

namespace tenfold::server {

class Client {
 public:
  explicit Client(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    const auto port = static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1));
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  }

  void send(const std::string& bytes) {
    boost::system::error_code ignored;  // a refusal may come before all is sent
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }

  void post(const std::string& path, const std::string& body, const std::string& headers = {}) {
    send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void get(const std::string& path, const std::string& headers = {}) {
    send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  /// Up to and with `end`; what came when the connection ended before.
  std::string read_to(const std::string& end) {
    boost::system::error_code ended;
    const std::size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), end, ended);
    return take(ended ? buffer_.size() : size);
  }

  /// A reply with a Content-Length, headers and body.
  std::string reply() {
    std::string head = read_to("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    const std::size_t size =
        at == std::string::npos ? 0 : std::strtoul(&head[at + 16], nullptr, 10);
    boost::system::error_code ignored;
    if (buffer_.size() < size) {
      boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_),
                        boost::asio::transfer_exactly(size - buffer_.size()), ignored);
    }
    return head + take(size);
  }

  /// All until the server ends the connection.
  std::string rest() {
    boost::system::error_code ended;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_), ended);
    return take(buffer_.size());
  }

  void close() { socket_.close(); }

 private:
  std::string take(std::size_t size) {
    const std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string buffer_;
};

}  // namespace tenfold::server
