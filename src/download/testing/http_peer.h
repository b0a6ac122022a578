// A web server on loopback for tests, which can cut, stall, throttle, lie and refuse.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tenfold::testing {

struct PeerRequest {
  int number = 0;  ///< 0 for the first request of this peer
  std::string target{};
  std::map<std::string, std::string> headers{};  ///< names in lower case
};

struct PeerReply {
  int status = 200;
  std::map<std::string, std::string> headers{};
  std::shared_ptr<const std::string> body = std::make_shared<const std::string>();
  int body_file = -1;       ///< a descriptor of the same bytes: they go by sendfile(2) from there
  std::uint64_t begin = 0;  ///< the part of the body to send
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint64_t> announced = std::nullopt;    ///< another Content-Length
  std::optional<std::uint64_t> cut_after = std::nullopt;    ///< bytes, then the connection ends
  std::optional<std::uint64_t> stall_after = std::nullopt;  ///< bytes, then silence
  std::uint64_t bytes_per_second = 0;                       ///< 0: as fast as it goes
  bool chunked = false;
  bool close_delimited = false;  ///< neither a length nor chunks
};

/// What a good server says about a file; `etag` and `last_modified` are left out when empty.
PeerReply serve(const PeerRequest& request, std::shared_ptr<const std::string> file,
                const std::string& etag = "\"v1\"", const std::string& last_modified = "");

/// `size` bytes that do not repeat, the same for the same seed.
std::shared_ptr<const std::string> random_file(std::size_t size, unsigned seed = 1);

/// Answers on 127.0.0.1 until destroyed, each connection on its own thread.
class HttpPeer {
 public:
  using Handler = std::function<PeerReply(const PeerRequest&)>;

  explicit HttpPeer(Handler handler);
  ~HttpPeer();

  /// "http://127.0.0.1:PORT" + path; `host` instead of the address if given.
  [[nodiscard]] std::string url(const std::string& path,
                                const std::string& host = "127.0.0.1") const;

  /// All requests so far.
  [[nodiscard]] std::vector<PeerRequest> requests() const;

  /// How many connections there have been.
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept();
  void talk(boost::asio::ip::tcp::socket& socket);
  bool send(boost::asio::ip::tcp::socket& socket, const PeerReply& reply);

  Handler handler_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<PeerRequest> requests_;
  std::vector<std::jthread> talkers_;
  std::vector<int> open_sockets_;
  std::jthread accepter_;
};

}  // namespace tenfold::testing
