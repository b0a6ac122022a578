#include "cli/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace tenfold {
namespace {

Error bad_value(std::string_view where, const std::string& allowed, std::string_view text) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} must be {}, not \"{}\"", where, allowed, text));
}

std::string range(double minimum, double maximum) {
  if (maximum < HUGE_VAL) return fmt::format(" from {} to {}", minimum, maximum);
  return minimum > -HUGE_VAL ? fmt::format(" of at least {}", minimum) : std::string();
}

/// Whether the whole of `text` is a number.
template <typename Number>
bool read(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<std::int64_t> parse_integer(std::string_view where, std::string_view text, double minimum,
                                   double maximum) {
  std::int64_t value = 0;
  if (read(text, value) && static_cast<double>(value) >= minimum &&
      static_cast<double>(value) <= maximum) {
    return value;
  }
  return bad_value(where, "a whole number" + range(minimum, maximum), text);
}

Result<std::uint64_t> parse_seed(std::string_view where, std::string_view text) {
  std::uint64_t value = 0;
  if (read(text, value)) return value;
  return bad_value(where, "a whole number from 0 to 18446744073709551615", text);
}

Result<double> parse_number(std::string_view where, std::string_view text, double minimum,
                            double maximum) {
  double value = 0;
  if (read(text, value) && std::isfinite(value) && value >= minimum && value <= maximum) {
    return value;
  }
  return bad_value(where, "a number" + range(minimum, maximum), text);
}

Result<std::uint64_t> parse_bytes(std::string_view where, std::string_view text) {
  constexpr std::string_view units = "KMGT";
  std::string_view digits = text;
  double factor = 1;
  if (!text.empty()) {
    const std::size_t unit = units.find(static_cast<char>(std::toupper(text.back())));
    if (unit != std::string_view::npos) {
      factor = std::pow(1024.0, static_cast<double>(unit + 1));
      digits.remove_suffix(1);
    }
  }
  double value = 0;
  // 2^63 keeps the product away from the largest value that the result can hold.
  if (read(digits, value) && value > 0 && value * factor >= 1 && value * factor < 0x1p63) {
    return static_cast<std::uint64_t>(value * factor);
  }
  return bad_value(where, "a size in bytes such as 600M or 1.5G", text);
}

Result<std::vector<std::int64_t>> parse_integers(std::string_view where, std::string_view text,
                                                 double minimum, double maximum) {
  std::vector<std::int64_t> values;
  while (true) {
    const std::size_t comma = text.find(',');
    values.push_back(TRY(parse_integer(where, text.substr(0, comma), minimum, maximum)));
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

Result<bool> parse_flag(std::string_view where, std::string_view text) {
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "0", "no", "off"}) {
    if (text == no) return false;
  }
  return bad_value(where, "true or false", text);
}

Result<OptionValue> parse_engine_option(const OptionSpec& spec, std::string_view text) {
  const bool ranged = spec.minimum != spec.maximum;
  const double lowest = ranged ? spec.minimum : -std::numeric_limits<double>::max();
  const double highest = ranged ? spec.maximum : std::numeric_limits<double>::max();
  const std::string where = "--engine-option " + spec.name;
  OptionValue value = std::string(text);
  if (std::holds_alternative<bool>(spec.default_value)) {
    value = TRY(parse_flag(where, text));
  } else if (std::holds_alternative<std::int64_t>(spec.default_value)) {
    value = TRY(parse_integer(where, text, lowest, highest));
  } else if (std::holds_alternative<double>(spec.default_value)) {
    value = TRY(parse_number(where, text, lowest, highest));
  } else if (!spec.choices.empty() && std::ranges::find(spec.choices, text) == spec.choices.end()) {
    return bad_value(where, fmt::format("one of {}", fmt::join(spec.choices, ", ")), text);
  }
  return value;
}

}  // namespace tenfold
