// Where a server listens, who may use it, and how much anyone may ask.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::server {

/// What a key allows. Without any key, everyone who reaches the server may do everything.
enum class Right {
  answer,   ///< ask models, list them
  observe,  ///< metrics, monitor, logs
  manage,   ///< load, unload, pull, delete, settings; the stored conversations
};

struct ApiKey {
  std::string name;  ///< for logs and fairness; never the key itself
  std::string key;
  std::set<Right> rights;
};

/// Bounds on what one client may send or hold. All are answered by an error that names the bound.
struct Limits {
  std::size_t header_bytes = 16 << 10;
  std::size_t body_bytes = 32 << 20;
  int json_depth = 64;
  std::size_t messages = 20'000;
  std::size_t connections = 4000;
  std::chrono::seconds header_time{10};  ///< for a request's headers, once its first byte came
  std::chrono::seconds body_time{60};    ///< for its body
  std::chrono::seconds idle_time{75};    ///< between two requests of one connection
  std::chrono::seconds write_time{30};   ///< for a client to take what it was sent
};

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 10010;  ///< 0: any free one
  std::vector<ApiKey> keys;
  std::vector<std::string> allowed_hosts;    ///< Host headers besides those of a loopback address
  std::vector<std::string> allowed_origins;  ///< of web pages of other servers; "*": all
  Limits limits;
};

/// invalid_argument for keys shorter than 16 characters or used twice, and for malformed origins.
/// Whether there must be a key is for who binds the address: see Listener::open().
Result<void> check_options(const HttpOptions& options);

/// Whether `host` (an IP address or "localhost") can only be reached from this machine.
bool is_loopback(const std::string& host);

}  // namespace tenfold::server
