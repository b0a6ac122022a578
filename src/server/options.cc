#include "server/options.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>

#include "base/files.h"
#include "engine/json_fields.h"

namespace tenfold::server {
namespace {

constexpr std::size_t shortest_key = 16;
constexpr std::size_t most_key_file_bytes = 1 << 20;

Result<Right> right_named(const std::string& name, const std::string& where) {
  if (name == "answer") return Right::answer;
  if (name == "observe") return Right::observe;
  if (name == "manage") return Right::manage;
  return fail(ErrorCode::invalid_argument, fmt::format("{}: there is no right \"{}\"", where, name),
              "the rights are answer, observe and manage");
}

Result<ApiKey> read_key(const Json& json, const std::string& where) {
  ApiKey key;
  std::vector<std::string> rights;
  TRY(FieldReader(json, where)
          .required("name", key.name)
          .required("key", key.key)
          .required("rights", rights)
          .finish());
  for (const std::string& right : rights) key.rights.insert(TRY(right_named(right, where)));
  return key;
}

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

Result<void> check_options(const ServerOptions& options) {
  if (!is_loopback(options.host) && options.keys.empty()) {
    return fail(ErrorCode::permission_denied,
                fmt::format("other machines can reach {}, and there is no API key", options.host),
                "give --api-key-file or TENFOLD_API_KEY, or listen on 127.0.0.1");
  }
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

Result<std::vector<ApiKey>> read_keys(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return file_error(path, "read", errno);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::permission_denied, path + " can be used by others than its owner",
                "run: chmod 600 " + path);
  }
  const Json json = Json::parse(TRY(read_file(path, most_key_file_bytes)), nullptr, false);
  if (!json.is_array()) {
    return fail(ErrorCode::invalid_argument, path + " is no JSON array of keys",
                R"(write [{"name": "me", "key": "…", "rights": ["answer"]}])");
  }
  std::vector<ApiKey> keys;
  for (const Json& entry : json) {
    keys.push_back(TRY(read_key(entry, fmt::format("{}[{}]", path, keys.size()))));
  }
  return keys;
}

}  // namespace tenfold::server
