// Engine options by their kinds, and the reader of their values that every engine uses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tenfold/options.h"

namespace tenfold {

/// The files or folders that a value of an option of this kind names, as it names them; none for
/// other kinds than `path` and `folder`. What follows a ';' is no part of a path.
std::vector<std::string> option_paths(OptionKind kind, const OptionValue& value);

/// An engine's own folder, below cache_folder(), which some options of the kind `folder` have by
/// default. Not created.
std::filesystem::path default_option_folder(std::string_view engine_id);

/// The texts among the values that are secrets, where they are not empty.
std::vector<std::string> secret_values(const std::map<std::string, OptionValue>& values,
                                       const std::vector<OptionSpec>& specs);
/// `text` with "(hidden)" for each of the secrets that it repeats.
std::string without_secrets(std::string text, std::span<const std::string> secrets);

/// Values by name: what the load gives, or else the option's default. The load's were checked
/// against the same specs before, and outlive this; a name that is not among them is a defect.
class OptionValues {
 public:
  OptionValues(const LoadOptions& load, const std::vector<OptionSpec>& specs);

  [[nodiscard]] bool given(const std::string& name) const { return given_.contains(name); }
  [[nodiscard]] bool flag(const std::string& name) const { return get<bool>(name); }
  [[nodiscard]] int integer(const std::string& name) const {
    return static_cast<int>(get<std::int64_t>(name));
  }
  [[nodiscard]] float real(const std::string& name) const {
    return static_cast<float>(get<double>(name));
  }
  [[nodiscard]] const std::string& text(const std::string& name) const {
    return get<std::string>(name);
  }

 private:
  template <typename T>
  [[nodiscard]] const T& get(const std::string& name) const {
    const auto found = given_.find(name);
    return std::get<T>(found == given_.end() ? defaults_.at(name) : found->second);
  }

  const std::map<std::string, OptionValue>& given_;
  std::map<std::string, OptionValue> defaults_;
};

}  // namespace tenfold
