// What the handlers of the APIs work with.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "server/http/options.h"
#include "tenfold/request.h"

namespace tenfold {
class Scheduler;
class ModelStore;
}  // namespace tenfold

namespace tenfold::server {

class Downloads;

/// Lives as long as the server. Its members are thread-safe or constant.
struct Services {
  const Limits& limits;
  std::chrono::seconds keep_alive;  ///< between two signs of life on a silent stream
  Scheduler& scheduler;
  ModelStore& store;
  /// For what would hold up the event loop, and is done in a moment: every answer begins there.
  boost::asio::thread_pool& blocking;
  boost::asio::thread_pool& jobs;  ///< for what may take minutes, or waits for models to end
  Downloads& downloads;
  /// The user's settings and the model's preset, for what a request leaves open.
  std::function<Sampling(const std::string& model)> sampling;
  std::string default_model;           ///< name or path; for requests that name none
  std::atomic<bool> stopping = false;  ///< streams without an end, and copies, have to end
};

}  // namespace tenfold::server
