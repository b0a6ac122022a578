// What a server is told at its start.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "models/store.h"
#include "server/app/settings/served.h"
#include "server/http/options.h"

namespace tenfold::server {

struct ServerOptions : HttpOptions {
  std::chrono::seconds keep_alive{15};  ///< between two comments on a silent stream
  std::chrono::seconds stop_grace{30};  ///< for running answers when the server stops
  ServedSettings settings;
  ModelStore store = {};           ///< the one of this process
  std::string machine_root = "/";  ///< where the monitor finds proc and sys
};

/// Reads a file of keys: [{"name": …, "key": …, "rights": ["answer", "observe", "manage"]}, …].
/// permission_denied when others than its owner can read it.
Result<std::vector<ApiKey>> read_keys(const std::string& path);

}  // namespace tenfold::server
