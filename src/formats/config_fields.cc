#include "formats/config_fields.h"

#include <fmt/format.h>

#include <cmath>

namespace tenfold {
namespace {

using nlohmann::json;

constexpr std::size_t longest_quote = 60;

bool is_between(const json& value, double least, double most) {
  if (!value.is_number()) return false;
  const double number = value.get<double>();
  return std::isfinite(number) && number >= least && number <= most;
}

std::string range(double least, double most) { return fmt::format("from {} to {}", least, most); }

}  // namespace

std::string quoted_value(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > longest_quote) text = text.substr(0, longest_quote) + "…";
  return text;
}

bool ConfigFields::has(std::string_view key) const { return !value(key).is_null(); }

json ConfigFields::value(std::string_view key) const {
  const auto found = object_.find(key);
  return found == object_.end() ? json() : *found;
}

Result<ConfigFields> ConfigFields::part(std::string_view key) const {
  json inner = value(key);
  if (!inner.is_null() && !inner.is_object()) return wrong(key, "an object");
  if (inner.is_null()) inner = json::object();
  return ConfigFields(std::move(inner), fmt::format("{}: {}", name_, key));
}

Error ConfigFields::wrong(std::string_view key, std::string_view wanted) const {
  const json found = value(key);
  return fail(ErrorCode::bad_model,
              found.is_null()
                  ? fmt::format("{} has no {}, which is {}", name_, key, wanted)
                  : fmt::format("{}: {} is {}, not {}", name_, key, quoted_value(found), wanted),
              "download the model again");
}

Error ConfigFields::not_computed(std::string_view what) const {
  return fail(ErrorCode::unsupported, fmt::format("{}: {} is not computed", name_, what),
              "take another form of the model, such as a GGUF file");
}

Result<int> ConfigFields::whole(std::string_view key, int least, int most,
                                std::optional<int> otherwise) const {
  const json found = value(key);
  if (found.is_null() && otherwise) return *otherwise;
  const bool is_whole =
      found.is_number_integer() ||
      (found.is_number_float() && std::trunc(found.get<double>()) == found.get<double>());
  if (is_whole && is_between(found, least, most)) return static_cast<int>(found.get<double>());
  return wrong(key, "a whole number " + range(least, most));
}

Result<double> ConfigFields::real(std::string_view key, double least, double most,
                                  std::optional<double> otherwise) const {
  const json found = value(key);
  if (found.is_null() && otherwise) return *otherwise;
  if (is_between(found, least, most)) return found.get<double>();
  return wrong(key, "a number " + range(least, most));
}

Result<bool> ConfigFields::flag(std::string_view key, bool otherwise) const {
  const json found = value(key);
  if (found.is_null()) return otherwise;
  if (found.is_boolean()) return found.get<bool>();
  return wrong(key, "true or false");
}

Result<std::string> ConfigFields::text(std::string_view key) const {
  const json found = value(key);
  if (found.is_null()) return std::string();
  if (found.is_string()) return found.get<std::string>();
  return wrong(key, "a text");
}

Result<std::vector<double>> ConfigFields::reals(std::string_view key, std::size_t count,
                                                double least, double most) const {
  const json found = value(key);
  std::vector<double> numbers;
  if (found.is_array() && found.size() == count) {
    for (const json& number : found) {
      if (!is_between(number, least, most)) break;
      numbers.push_back(number.get<double>());
    }
  }
  if (numbers.size() == count) return numbers;
  return wrong(key, fmt::format("a list of {} numbers {}", count, range(least, most)));
}

}  // namespace tenfold
