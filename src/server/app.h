// What the handlers of all APIs work with.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>

#include "server/admin/downloads.h"
#include "server/admin/engine_list.h"
#include "server/admin/status_json.h"
#include "server/options.h"
#include "service/scheduler.h"

namespace tenfold::server {

class Metrics;

/// Lives as long as the server. Its members are thread-safe or constant, but for what says
/// otherwise.
struct App {
  const ServerOptions& options;
  Scheduler& scheduler;
  boost::asio::thread_pool& blocking;  ///< for what would hold up the event loop
  admin::Downloads& downloads;
  admin::EngineList& engines;
  Metrics& metrics;                      ///< for the event loop
  std::string default_model;             ///< name or path; for requests that name none
  admin::StatusEvent status_event = {};  ///< for the event loop
  bool stopping = false;                 ///< for the event loop: streams without an end have to end
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

}  // namespace tenfold::server
