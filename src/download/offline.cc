#include "download/offline.h"

#include <cstdlib>
#include <string>

namespace tenfold {

Result<void> require_network(std::string_view what) {
  const char* value = std::getenv("TENFOLD_OFFLINE");
  const std::string_view offline = value == nullptr ? "" : value;
  if (offline.empty() || offline == "0") return {};
  return fail(ErrorCode::network,
              "TENFOLD_OFFLINE is set, so " + std::string(what) + " is not downloaded",
              "unset TENFOLD_OFFLINE to use the network");
}

}  // namespace tenfold
