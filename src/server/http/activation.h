// What a service manager hands over and is told: socket activation and readiness of systemd.
#pragma once

#include <string_view>
#include <vector>

namespace tenfold::server {

/// Listening sockets passed in LISTEN_FDS (sd_listen_fds(3)), which are then ours to close; empty
/// when there are none for this process. Call once.
std::vector<int> activated_sockets();

/// Tells the service manager, e.g. "READY=1" (sd_notify(3)); does nothing where there is none.
void notify_manager(std::string_view state);

}  // namespace tenfold::server
