// What a server is told at its start: where it listens, who may use it, and how much anyone may
// ask.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "server/app/settings/served.h"
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

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 10010;  ///< 0: any free one
  std::vector<ApiKey> keys;
  std::vector<std::string> allowed_hosts;    ///< Host headers besides those of a loopback address
  std::vector<std::string> allowed_origins;  ///< of web pages of other servers; "*": all
  Limits limits;
  std::chrono::seconds keep_alive{15};  ///< between two comments on a silent stream
  std::chrono::seconds stop_grace{30};  ///< for running answers when the server stops
  bool log_prompts = false;             ///< the text of prompts and answers in the log
  ServedSettings settings;
  std::string machine_root = "/";  ///< where the monitor finds proc and sys
};

/// permission_denied if the address can be reached from other machines and there is no key;
/// invalid_argument for keys shorter than 16 characters or used twice, and for malformed origins.
Result<void> check_options(const ServerOptions& options);

/// Whether `host` (an IP address or "localhost") can only be reached from this machine.
bool is_loopback(const std::string& host);

/// Reads a file of keys: [{"name": …, "key": …, "rights": ["answer", "observe", "manage"]}, …].
/// permission_denied when others than its owner can read it.
Result<std::vector<ApiKey>> read_keys(const std::string& path);

}  // namespace tenfold::server
