// What the handlers of all APIs work with.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "server/apis/downloads.h"
#include "server/app/admin/engine_list.h"
#include "server/app/conversations/live.h"
#include "server/app/conversations/shelf.h"
#include "server/options.h"
#include "service/scheduler.h"

namespace tenfold::server {

class Metrics;
namespace bench {
class Runner;
}
namespace monitor {
class Monitor;
}

/// Lives as long as the server. Its members are thread-safe or constant, but for what says
/// otherwise.
struct App {
  const ServerOptions& options;
  Scheduler& scheduler;
  boost::asio::thread_pool& blocking;  ///< for what would hold up the event loop
  admin::Downloads& downloads;
  admin::EngineList& engines;
  Metrics& metrics;  ///< for the event loop
  conversations::Shelf& shelf;
  conversations::Live& live;  ///< for the event loop
  bench::Runner& benchmarks;
  monitor::Monitor& monitor;           ///< for the event loop
  std::vector<std::string> addresses;  ///< "http://127.0.0.1:10010"; set before it serves
  std::string default_model;           ///< name or path; for requests that name none
  std::atomic<bool> stopping = false;  ///< streams without an end, and copies, have to end
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

}  // namespace tenfold::server
