// Fields of a config.json, each held against its range.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

/// A value in an error: as JSON, in ASCII, cut where it is long.
std::string quoted_value(const nlohmann::json& value);

/// An object of a config.json. Null stands for a field that is not there. Errors are bad_model and
/// name the file, the field, its value and what it may be.
class ConfigFields {
 public:
  /// `name` is the file, with the way to the object where it lies deeper.
  ConfigFields(nlohmann::json object, std::string name)
      : object_(std::move(object)), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool has(std::string_view key) const;
  /// Whether the field isn't even null, which may say that there is none of something.
  [[nodiscard]] bool leaves_out(std::string_view key) const { return !object_.contains(key); }
  /// The field as it is; null where it is not there.
  [[nodiscard]] nlohmann::json value(std::string_view key) const;
  /// An object in this one; empty where it is not there.
  [[nodiscard]] Result<ConfigFields> part(std::string_view key) const;

  /// A whole number from `least` to `most`.
  [[nodiscard]] Result<int> whole(std::string_view key, int least, int most,
                                  std::optional<int> otherwise = {}) const;
  /// A number from `least` to `most`.
  [[nodiscard]] Result<double> real(std::string_view key, double least, double most,
                                    std::optional<double> otherwise = {}) const;
  [[nodiscard]] Result<bool> flag(std::string_view key, bool otherwise) const;
  /// Empty where it is not there.
  [[nodiscard]] Result<std::string> text(std::string_view key) const;
  /// `count` numbers, each from `least` to `most`.
  [[nodiscard]] Result<std::vector<double>> reals(std::string_view key, std::size_t count,
                                                  double least, double most) const;

  /// The error of a field that is not `wanted`, e.g. "a number from 1 to 9".
  [[nodiscard]] Error wrong(std::string_view key, std::string_view wanted) const;
  /// unsupported: "NAME: WHAT is not computed".
  [[nodiscard]] Error not_computed(std::string_view what) const;

 private:
  nlohmann::json object_;
  std::string name_;
};

}  // namespace tenfold
