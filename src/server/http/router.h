// The table of routes: which function answers which method and path.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/http/message.h"
#include "server/http/options.h"

namespace tenfold::server {

class Exchange;
struct App;

/// Answers one request on the event loop, where it must not block. What it throws ends the
/// connection.
using Handler = boost::asio::awaitable<void> (*)(Exchange&, App&);

struct Route {
  std::string_view method;
  std::string_view path;  ///< "/v1/models/{model}"; a part in braces is one segment; {model}, any
  Dialect dialect;
  std::optional<Right> right;  ///< absent: everyone, even without a key
  Handler handler;
};

struct Match {
  const Route* route = nullptr;                   ///< nullptr: none for this method
  std::string allowed;                            ///< the methods that the path has: "GET, POST"
  std::map<std::string, std::string> parameters;  ///< never empty values
};

/// `path` is decoded; of several patterns the longest counts. HEAD is answered by GET's route.
Match find_route(std::span<const Route> routes, std::string_view method, std::string_view path);

/// For paths without a route, too.
Dialect dialect_of(std::string_view path);

/// Undoes %XX, and + where it stands for a space. invalid_argument for anything malformed, for NUL
/// and for bytes that are no UTF-8.
Result<std::string> decode_url(std::string_view text, bool plus_is_space);

/// "a=1&b=2"; invalid_argument for a name that comes twice.
Result<std::map<std::string, std::string>> decode_query(std::string_view text);

}  // namespace tenfold::server
