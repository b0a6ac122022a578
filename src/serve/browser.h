// The user's web browser.
#pragma once

#include <cstdint>
#include <string>

namespace tenfold {

/// Shows the address in the default browser; false where there is none, or no screen.
bool open_browser(const std::string& address);

/// Whether a Tenfold server answers on this port of this machine; waits two seconds at most.
bool tenfold_runs_at(std::uint16_t port);

}  // namespace tenfold
