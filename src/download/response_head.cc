#include "download/response_head.h"

#include <charconv>

#include "base/text.h"

namespace tenfold {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!lower_case(text).starts_with("bytes ")) return std::nullopt;
  text = trimmed(text.substr(6));
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ContentRange range;
  const std::string_view total = text.substr(slash + 1);
  range.total = number<std::uint64_t>(total);
  if (!range.total && total != "*") return std::nullopt;
  const std::string_view span = text.substr(0, slash);
  if (span == "*") return range;
  const auto dash = span.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number<std::uint64_t>(span.substr(0, dash));
  const auto last = number<std::uint64_t>(span.substr(dash + 1));
  if (!first || !last || *last < *first || (range.total && *last >= *range.total)) {
    return std::nullopt;
  }
  range.first = *first;
  range.last = *last;
  return range;
}

}  // namespace

void ResponseHead::add(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    *this = ResponseHead{};
    const auto space = line.find(' ');
    if (space != std::string_view::npos) {
      status = number<int>(line.substr(space + 1, 3)).value_or(0);
    }
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-type") content_type = lower_case(trimmed(value.substr(0, value.find(';'))));
  if (name == "content-encoding") content_encoding = lower_case(value);
  if (name == "content-length") content_length = number<std::uint64_t>(value);
  if (name == "content-range") content_range = parse_content_range(value);
  if (name == "transfer-encoding") chunked = lower_case(value).find("chunked") != std::string::npos;
  if (name == "etag") etag = value;
  if (name == "last-modified") last_modified = value;
}

FileVersion ResponseHead::version() const {
  const bool part = status == 206 && content_range.has_value();
  // A transfer coding overrides Content-Length (RFC 9112, 6.3).
  const std::optional<std::uint64_t> whole = chunked ? std::nullopt : content_length;
  return {part ? content_range->total : whole, etag, last_modified};
}

}  // namespace tenfold
