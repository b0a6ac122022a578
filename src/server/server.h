// The server: ten engines behind the common HTTP APIs, on one event loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/http/connection.h"
#include "server/options.h"
#include "service/scheduler.h"

namespace tenfold::server {

class Server {
 public:
  /// Listens, but serves nobody yet. Errors are those of check_options() and of Listener::open().
  /// `log` is called on the event loop's thread after each request.
  static Result<std::unique_ptr<Server>> open(ServerOptions options,
                                              std::unique_ptr<Scheduler> scheduler,
                                              std::string default_model,
                                              std::function<void(const AccessRecord&)> log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// "http://127.0.0.1:10010"
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Serves until stop(), or SIGINT or SIGTERM; then takes no new requests, gives running answers
  /// ServerOptions::stop_grace and returns. A second signal cancels them at once.
  void run();

  /// Thread-safe.
  void stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenfold::server
