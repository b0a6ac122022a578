#include "base/host_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenfold {

Result<HostPort> read_host_port(const std::string& where, std::string_view text) {
  const auto colon = text.find(':');
  HostPort read{std::string(text.substr(0, colon)), 0};
  if (colon != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, read.port);
    if (error != std::errc() || stop != end) read.port = 0;
  }
  if (read.host.empty() || read.port == 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: \"{}\" is not HOST:PORT", where, text),
                "HOST is a name or an IPv4 address, PORT a number up to 65535");
  }
  return read;
}

Result<std::vector<HostPort>> read_host_ports(const std::string& where, std::string_view text) {
  std::vector<HostPort> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    HostPort one = TRY(read_host_port(where, text.substr(at, comma - at)));
    if (std::ranges::find(all, one) != all.end()) {
      return fail(ErrorCode::invalid_argument, fmt::format("{} names {} twice", where, one.text()));
    }
    all.push_back(std::move(one));
    at = comma + 1;
  }
  return all;
}

}  // namespace tenfold
