#include "server/app/query.h"

#include <fmt/format.h>

#include <charconv>

namespace tenfold::server {

Result<std::int64_t> read_id(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size()) return id;
  return fail(ErrorCode::not_found, fmt::format("\"{}\" is no id", text), "ids are numbers");
}

Result<bool> read_choice(const std::map<std::string, std::string>& query, const std::string& name,
                         const std::string& first, const std::string& second) {
  for (const auto& [given, value] : query) {
    if (given != name) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is not a parameter of this query", given),
                  fmt::format("there is {}", name));
    }
    if (value != first && value != second) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} must be {} or {}", name, first, second));
    }
  }
  const auto found = query.find(name);
  return found != query.end() && found->second == second;
}

}  // namespace tenfold::server
