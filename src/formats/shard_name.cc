#include "formats/shard_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenfold {
namespace {

constexpr std::size_t digits = 5;
constexpr std::string_view between = "-of-";

/// 0 if the text does not begin with that many digits.
int number_at(std::string_view text) {
  int number = 0;
  const std::string_view part = text.substr(0, digits);
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  const bool whole = error == std::errc() && part.size() == digits && end == part.data() + digits;
  return whole && part[0] != '-' ? number : 0;
}

}  // namespace

std::string ShardName::part(int other) const {
  return fmt::format("{}-{:05}-of-{:05}{}", stem, other, count, extension);
}

std::optional<ShardName> read_shard_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t dot = std::min(path.find('.', path.rfind(between)), path.size());
  constexpr std::size_t tail = 1 + digits + between.size() + digits;  // "-00002-of-00003"
  if (dot < name + tail + 1) return std::nullopt;
  const std::string_view parts = path.substr(dot - tail, tail);
  ShardName shard{std::string(path.substr(0, dot - tail)), number_at(parts.substr(1)),
                  number_at(parts.substr(tail - digits)), std::string(path.substr(dot))};
  const bool is_named_so = parts[0] == '-' && parts.substr(1 + digits).starts_with(between);
  if (!is_named_so || shard.number < 1 || shard.number > shard.count) return std::nullopt;
  return shard;
}

bool is_later_shard(std::string_view path) {
  const auto shard = read_shard_name(path);
  return shard && shard->number > 1;
}

}  // namespace tenfold
