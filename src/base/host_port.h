// "HOST:PORT" in texts that people write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

struct HostPort {
  std::string host;  ///< a name or an IPv4 address
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
  bool operator==(const HostPort&) const = default;
};

/// invalid_argument beginning with `where`; the port is 1 to 65535.
Result<HostPort> read_host_port(const std::string& where, std::string_view text);

/// Several, separated by commas, none of them twice.
Result<std::vector<HostPort>> read_host_ports(const std::string& where, std::string_view text);

}  // namespace tenfold
