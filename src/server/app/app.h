// What the handlers of Tenfold's own API work with.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/apis/services.h"

namespace tenfold::server {

struct ServedSettings;
class Metrics;
namespace admin {
class EngineList;
}
namespace bench {
class Runner;
}
namespace conversations {
class Live;
class Shelf;
}  // namespace conversations
namespace monitor {
class Monitor;
}

/// As Services; what is for the event loop alone says so.
struct App : Services {
  const HttpOptions& http;
  const ServedSettings& settings;
  admin::EngineList& engines;
  Metrics& metrics;  ///< for the event loop
  conversations::Shelf& shelf;
  conversations::Live& live;  ///< for the event loop
  bench::Runner& benchmarks;
  monitor::Monitor& monitor;           ///< for the event loop
  std::vector<std::string> addresses;  ///< "http://127.0.0.1:10010"; set before it serves
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

}  // namespace tenfold::server
