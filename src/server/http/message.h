// Requests and replies as the handlers see them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/json.h"

namespace tenfold::server {

/// Which public API a path belongs to: it decides how errors look.
enum class Dialect { tenfold, openai, anthropic, ollama };

struct HttpRequest {
  std::string method;  ///< "GET"
  std::string path;    ///< decoded, without the query
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> parameters;  ///< the parts of the path that the route names
  std::string body;
  std::string accept;  ///< headers of content negotiation, empty if not sent
  std::string accept_encoding;
  std::string if_none_match;
  std::string client;  ///< the name of the key, or the address
  std::string id;      ///< unique; also in the reply's X-Request-Id
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The JSON text of a value; bytes that are no UTF-8 become U+FFFD.
std::string dump(const Json& json);

Reply json_reply(const Json& json, int status = 200);

}  // namespace tenfold::server
