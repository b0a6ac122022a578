// Who may ask: the Host header, the page a browser request comes from, and the API key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/options.h"
#include "tenfold/result.h"

namespace tenfold::server {

/// The headers that the checks look at; empty: not sent.
struct Credentials {
  std::string_view host = {};
  std::string_view origin = {};
  std::string_view authorization = {};  ///< "Bearer KEY"
  std::string_view api_key = {};        ///< "x-api-key", as Anthropic's clients send it
};

struct Visitor {
  std::string name;  ///< of the key; empty where the server has none
  std::set<Right> rights;
};

class Guard {
 public:
  /// `options` outlives it.
  explicit Guard(const HttpOptions& options) : options_(options) {}

  /// Whether others than this machine's programs can reach an address that is listened on; not,
  /// unless said otherwise.
  void set_reachable(bool reachable) { reachable_ = reachable; }

  /// Against DNS rebinding: a server for this machine only answers to names of this machine, and to
  /// allowed ones. One with keys that others can reach answers to any name unless some are given.
  [[nodiscard]] Result<void> check_host(std::string_view host) const;

  /// Pages of other servers are refused unless they are allowed. Returns the value of
  /// Access-Control-Allow-Origin; nothing for requests that come from no other page.
  [[nodiscard]] Result<std::optional<std::string>> check_origin(const Credentials& given) const;

  /// permission_denied without a key that is known; compares in constant time.
  [[nodiscard]] Result<Visitor> identify(const Credentials& given) const;

 private:
  const HttpOptions& options_;
  bool reachable_ = false;
};

}  // namespace tenfold::server
