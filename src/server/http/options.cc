#include "server/http/options.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

namespace tenfold::server {
namespace {

constexpr std::size_t shortest_key = 16;

Result<void> check_origin(const std::string& origin) {
  const bool has_scheme = origin.starts_with("http://") || origin.starts_with("https://");
  const std::size_t slash = origin.find('/', origin.find("//") + 2);
  if (origin == "*" || (has_scheme && slash == std::string::npos)) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is no origin of a web page", origin),
              "write scheme, host and port only, e.g. https://chat.example.org:8443");
}

}  // namespace

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

Result<void> check_options(const HttpOptions& options) {
  std::set<std::string> seen;
  for (const ApiKey& key : options.keys) {
    if (key.key.size() < shortest_key) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("the API key \"{}\" has fewer than {} characters", key.name, shortest_key),
          "make one with: openssl rand -hex 24");
    }
    if (!seen.insert(key.key).second) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the API key \"{}\" is the same as another one", key.name));
    }
  }
  for (const std::string& origin : options.allowed_origins) TRY(check_origin(origin));
  return {};
}

}  // namespace tenfold::server
