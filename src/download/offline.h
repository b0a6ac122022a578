// The switch that forbids all use of the network.
#pragma once

#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// network if TENFOLD_OFFLINE is set to anything but 0; the message says that `what` is not
/// downloaded.
Result<void> require_network(std::string_view what);

}  // namespace tenfold
