// One HTTP GET under the rules of every download, and the loop that drives several at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "download/download.h"
#include "download/failure.h"
#include "download/response_head.h"

namespace tenfold {

/// What requests of one download have in common.
struct HttpSettings {
  std::string url{};
  std::string shown_url{};  ///< without user and query, which can hold secrets
  std::string bearer_token{};
  bool public_hosts_only = false;
  Patience patience{};
};

/// Checks the URL (http or https with a host), the token (printable, no spaces) and the offline
/// switch. invalid_argument, unavailable.
Result<HttpSettings> make_http_settings(std::string url, std::string bearer_token,
                                        bool public_hosts_only, const Patience& patience);

/// Its address must not change. Used by one thread.
class HttpRequest {
 public:
  /// Called with pieces of the body; false ends the request.
  using OnBody = std::function<bool(std::span<const std::byte>)>;

  static Result<std::unique_ptr<HttpRequest>> create(const HttpSettings& settings, OnBody on_body);
  ~HttpRequest();

  /// Asks for bytes [begin, end) only, the largest number meaning the end of the file. A non-empty
  /// `validator` asks for the whole when the file is another one by now (If-Range).
  Result<void> set_range(std::uint64_t begin, std::uint64_t end, const std::string& validator);

  [[nodiscard]] const ResponseHead& head() const { return head_; }

  /// Of a finished response other than 200 and 206.
  [[nodiscard]] Failure status_failure() const;
  /// Of the request that ended with this CURLcode other than CURLE_OK.
  [[nodiscard]] Failure curl_failure(int code) const;

 private:
  friend class HttpLoop;
  class Native;
  HttpRequest(const HttpSettings& settings, OnBody on_body);

  const HttpSettings settings_;
  OnBody on_body_;
  ResponseHead head_;
  bool address_refused_ = false;
  std::unique_ptr<Native> native_;
};

/// Runs requests on the calling thread; connections are kept between them.
class HttpLoop {
 public:
  struct Ended {
    HttpRequest* request;
    int code;  ///< a CURLcode
  };

  /// How often who runs it should look at other things.
  static constexpr std::chrono::milliseconds tick{100};

  HttpLoop();
  ~HttpLoop();

  /// The request must be removed, or have ended, before it is destroyed.
  void add(HttpRequest& request);
  void remove(HttpRequest& request);

  /// Moves bytes, waiting at most `wait` for some; what ended is removed and returned.
  std::vector<Ended> run(std::chrono::milliseconds wait);

 private:
  class Native;
  std::unique_ptr<Native> native_;
};

}  // namespace tenfold
