// The values of a command's options: command line before environment before config.json before the
// table's default.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/options.h"
#include "tenfold/result.h"

namespace tenfold {

/// Option name to the texts given for it; flags have the text "true".
using GivenOptions = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Texts by option, and where they come from in messages ("--seed", "TENFOLD_SEED", "FILE: seed").
struct SettingsSource {
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::string config_path;  ///< a missing file is an empty one
};

class Settings {
 public:
  /// invalid_argument naming the option, variable, or file and key, and what is allowed.
  static Result<Settings> resolve(unsigned command, const GivenOptions& given,
                                  const SettingsSource& source);

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> whole(std::string_view name) const;  ///< seed, bytes
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;  ///< repeatable
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name) const;

  /// Whether the texts can be the option's value; invalid_argument naming `where`.
  static Result<void> check(const Option& option, const std::string& where,
                            const std::vector<std::string>& texts);

  /// Parses and sets one more value, as /set in a chat does: "@FILE" is the file's content where
  /// the option takes one. An empty text puts back the default.
  Result<void> set(const Option& option, const std::string& where, const std::string& text);

  /// The text of a value as the user gave it, but for secrets (cli/secrets.h); empty when it is
  /// not set.
  [[nodiscard]] std::string shown(const Option& option) const;

 private:
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string,
                             std::vector<std::string>, std::vector<std::int64_t>>;
  static Result<Value> parse(const Option& option, const std::string& where,
                             const std::vector<std::string>& texts);
  /// What the user typed. Only there is "@FILE" a file: what is stored or was sent opens none.
  Result<void> assign_typed(const Option& option, const std::string& where,
                            const std::vector<std::string>& texts);
  Result<void> assign(const Option& option, const std::string& where,
                      const std::vector<std::string>& texts);
  Result<void> add_secrets(const Option& option, const GivenOptions& given,
                           const SettingsSource& source);
  template <typename T>
  const T* find(std::string_view name) const;

  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> shown_;
};

/// The options in a config file as texts; its presets are checked only (cli/presets.h).
/// invalid_argument naming the file and the unknown or wrongly typed key.
Result<GivenOptions> read_config(const std::string& path);
/// The same of what is, or will be, in the file.
Result<GivenOptions> parse_config(const nlohmann::json& config, const std::string& path);
/// What is in the file as it is; an object without keys if there is none.
Result<nlohmann::json> load_config(const std::string& path);
/// The option that a key of the file stands for; nullptr for an unknown one.
const Option* option_of_key(std::string_view key);

}  // namespace tenfold
