#include "server/options.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"
#include "engine/field_reader.h"

namespace tenfold::server {
namespace {

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

}  // namespace

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
