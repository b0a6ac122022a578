#include "server/http/router.h"

#include <fmt/format.h>

#include "base/files.h"

namespace tenfold::server {
namespace {

/// Names of models may hold slashes.
constexpr std::string_view model_part = "model";

/// nullopt if the path is not the pattern's.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  const std::size_t brace = pattern.find('{');
  if (brace == std::string_view::npos) {
    if (pattern != path) return std::nullopt;
    return std::map<std::string, std::string>();
  }
  if (!path.starts_with(pattern.substr(0, brace))) return std::nullopt;
  const std::size_t end = pattern.find('}');
  const std::string_view tail = pattern.substr(end + 1);
  std::string_view value = path.substr(brace);
  if (!value.ends_with(tail)) return std::nullopt;
  value.remove_suffix(tail.size());
  const std::string name(pattern.substr(brace + 1, end - brace - 1));
  if (value.empty() || (name != model_part && value.find('/') != std::string_view::npos)) {
    return std::nullopt;
  }
  return std::map<std::string, std::string>{{name, std::string(value)}};
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

Match find_route(std::span<const Route> routes, std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  Match found;
  std::string_view pattern;
  for (const Route& route : routes) {
    auto parameters = match(route.path, path);
    // Two patterns may fit: /models/a/verify is also a model of that name.
    if (!parameters || route.path.size() < pattern.size()) continue;
    if (route.path.size() > pattern.size()) {
      pattern = route.path;
      found = {};
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    if (route.method != method) continue;
    found.route = &route;
    found.parameters = std::move(*parameters);
  }
  return found;
}

Dialect dialect_of(std::string_view path) {
  if (path.starts_with("/v1/messages")) return Dialect::anthropic;
  if (path.starts_with("/v1/")) return Dialect::openai;
  if (path.starts_with("/api/") && !path.starts_with("/api/v1/")) return Dialect::ollama;
  return Dialect::tenfold;
}

Result<std::string> decode_url(std::string_view text, bool plus_is_space) {
  const Error malformed =
      fail(ErrorCode::invalid_argument, "the address is not a well-formed URL in UTF-8");
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' && plus_is_space ? ' ' : text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) return malformed;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (!is_valid_utf8(out)) return malformed;
  return out;
}

Result<std::map<std::string, std::string>> decode_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = pair.find('=');
    const std::string name = TRY(decode_url(pair.substr(0, equals), true));
    const std::string value = equals == std::string_view::npos
                                  ? std::string()
                                  : TRY(decode_url(pair.substr(equals + 1), true));
    if (!query.emplace(name, value).second) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the query has \"{}\" more than once", name));
    }
  }
  return query;
}

}  // namespace tenfold::server
