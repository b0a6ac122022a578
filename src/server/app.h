// What the handlers of all APIs work with.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>

#include "server/admin/downloads.h"
#include "server/options.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// Lives as long as the server. Its members are thread-safe or constant, but for what says
/// otherwise.
struct App {
  const ServerOptions& options;
  Scheduler& scheduler;
  boost::asio::thread_pool& blocking;  ///< for what would hold up the event loop
  admin::Downloads& downloads;
  std::string default_model;  ///< name or path; for requests that name none
  bool stopping = false;      ///< for the event loop: streams without an end have to end
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

}  // namespace tenfold::server
