#include "formats/mil_tokens.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "formats/damaged.h"
#include "formats/mil_limits.h"

namespace tenfold {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Also of a number: "0x1.8p+3" has all but the signs.
bool continues_word(char c) { return starts_word(c) || is_decimal(c) || c == '.'; }

}  // namespace

Error MilTokens::bad(std::string_view what) const {
  return damaged_as("the text of an ML program", name_, fmt::format("line {}: {}", line_, what));
}

Result<void> MilTokens::next() {
  while (at_ < source_.size() &&
         std::string_view(" \t\r\n").find(source_[at_]) != std::string_view::npos) {
    line_ += source_[at_++] == '\n' ? 1U : 0U;
  }
  const std::size_t begin = at_;
  if (at_ == source_.size()) {
    kind_ = Kind::end;
    token_ = {};
    return {};
  }
  const char first = source_[at_++];
  if (first == '"') return read_text();
  const bool arrow = first == '-' && source_.substr(at_, 1) == ">";
  if (arrow) {
    ++at_;
    kind_ = Kind::sign;
  } else if (starts_word(first)) {
    while (at_ < source_.size() && continues_word(source_[at_])) ++at_;
    kind_ = Kind::word;
  } else if (is_decimal(first) || first == '-' || first == '+') {
    // The sign of an exponent stands behind its letter, which in hexadecimal is p.
    const bool hex = source_.substr(at_ - (is_decimal(first) ? 1 : 0), 2) == "0x";
    const char exponent = hex ? 'p' : 'e';
    while (at_ < source_.size() &&
           (continues_word(source_[at_]) ||
            ((source_[at_] == '-' || source_[at_] == '+') && source_[at_ - 1] == exponent))) {
      ++at_;
    }
    kind_ = Kind::number;
  } else {
    kind_ = Kind::sign;
  }
  token_ = source_.substr(begin, at_ - begin);
  if (token_.size() > longest_mil_name) return bad("a word is too long");
  return {};
}

Result<void> MilTokens::read_text() {
  const std::size_t begin = at_;
  while (at_ < source_.size() && source_[at_] != '"') {
    line_ += source_[at_] == '\n' ? 1U : 0U;
    at_ += source_[at_] == '\\' ? 2 : 1;
  }
  if (at_ >= source_.size()) return bad("a text has no end");
  kind_ = Kind::text;
  token_ = source_.substr(begin, at_++ - begin);
  if (token_.size() > longest_mil_name) return bad("a text is too long");
  return {};
}

std::string MilTokens::text() const {
  std::string result;
  for (std::size_t at = 0; at < token_.size(); ++at) {
    if (token_[at] != '\\' || at + 1 == token_.size()) {
      result += token_[at];
      continue;
    }
    const char escaped = token_[++at];
    result += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
  }
  return result;
}

Result<double> MilTokens::real() const {
  std::string_view digits = token_;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const bool hex = digits.starts_with("0x");
  if (hex) digits.remove_prefix(2);
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(
      digits.data(), end, value, hex ? std::chars_format::hex : std::chars_format::general);
  if (stop != end || digits.empty() || error == std::errc::invalid_argument) {
    return bad(fmt::format("{} is no number", token_));
  }
  // Beyond the range: which of both, the exponent tells.
  if (error == std::errc::result_out_of_range) {
    value =
        digits.find("p-") != std::string_view::npos || digits.find("e-") != std::string_view::npos
            ? 0
            : std::numeric_limits<double>::infinity();
  }
  return negative ? -value : value;
}

Result<std::int64_t> MilTokens::whole() const {
  std::int64_t value = 0;
  const char* end = token_.data() + token_.size();
  const auto [stop, error] = std::from_chars(token_.data(), end, value);
  if (stop != end || error != std::errc()) {
    return bad(fmt::format("{} is no whole number", token_));
  }
  return value;
}

Result<bool> MilTokens::accept(std::string_view token) {
  if (!is(token)) return false;
  TRY(next());
  return true;
}

Result<void> MilTokens::expect(std::string_view token) {
  if (TRY(accept(token))) return {};
  return bad(fmt::format("\"{}\" stands where \"{}\" is meant", token_, token));
}

Result<std::string> MilTokens::word() {
  if (kind_ != Kind::word) return bad(fmt::format("\"{}\" stands where a name is meant", token_));
  std::string result(token_);
  TRY(next());
  return result;
}

Result<void> MilTokens::skip_brackets() {
  std::size_t depth = 0;
  do {
    if (kind_ == Kind::end) return bad("a bracket has no end");
    if (kind_ == Kind::sign) {
      if (token_ == "[" || token_ == "(" || token_ == "{") ++depth;
      if (token_ == "]" || token_ == ")" || token_ == "}") --depth;
    }
    TRY(next());
  } while (depth > 0);
  return {};
}

}  // namespace tenfold
