#include "server/http/guard.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
namespace tenfold::server {
namespace {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

/// "[::1]:80" → "::1", "localhost:80" → "localhost"
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

/// In a time that tells nothing but whether the lengths are the same.
bool same_key(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

Result<void> Guard::check_host(std::string_view host) const {
  const bool open_to_all = reachable_ && options_.allowed_hosts.empty();
  const std::string name(without_port(host));
  if (open_to_all || is_loopback(name) || equal_ignoring_case(name, "localhost") ||
      equal_ignoring_case(name, without_port(options_.host)) ||
      std::ranges::any_of(options_.allowed_hosts, [&](const std::string& allowed) {
        return equal_ignoring_case(name, allowed);
      })) {
    return {};
  }
  return fail(ErrorCode::permission_denied,
              fmt::format("this server does not answer to the host name \"{}\"", name),
              fmt::format("start it with --allow-host {}", name));
}

Result<std::optional<std::string>> Guard::check_origin(const Credentials& given) const {
  if (given.origin.empty()) return std::optional<std::string>();
  const std::size_t scheme = given.origin.find("://");
  const std::string_view authority =
      scheme == std::string_view::npos ? given.origin : given.origin.substr(scheme + 3);
  if (equal_ignoring_case(authority, given.host)) return std::optional<std::string>();
  for (const std::string& allowed : options_.allowed_origins) {
    if (allowed == "*" || equal_ignoring_case(allowed, given.origin)) {
      return std::optional<std::string>(given.origin);
    }
  }
  return fail(ErrorCode::permission_denied,
              fmt::format("pages of {} may not use this server", given.origin),
              fmt::format("start it with --allow-origin {}", given.origin));
}

Result<Visitor> Guard::identify(const Credentials& given) const {
  if (options_.keys.empty()) return Visitor{{}, {Right::answer, Right::observe, Right::manage}};
  constexpr std::string_view bearer = "Bearer ";
  std::string_view key = given.api_key;
  if (equal_ignoring_case(given.authorization.substr(0, bearer.size()), bearer)) {
    key = given.authorization.substr(bearer.size());
  }
  const ApiKey* found = nullptr;
  for (const ApiKey& known : options_.keys) {
    if (same_key(known.key, key)) found = &known;
  }
  if (found != nullptr) return Visitor{found->name, found->rights};
  return fail(
      ErrorCode::permission_denied,
      key.empty() ? "this server wants an API key" : "the API key is not one of this server",
      "send the header Authorization: Bearer KEY");
}

}  // namespace tenfold::server
