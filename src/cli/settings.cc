#include "cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "base/platform/platform.h"
#include "cli/numbers.h"
#include "cli/secrets.h"

namespace tenfold {
namespace {

constexpr std::size_t largest_file = 4 << 20;

bool takes_file(const Option& option) { return option.value_name.ends_with("|@FILE"); }

/// The text itself, or the file's content for "@FILE".
Result<std::string> text_or_file(const std::string& where, const std::string& text) {
  if (!text.starts_with('@')) return text;
  Result<std::string> content = read_file(text.substr(1), largest_file);
  if (content.ok()) return content;
  // It is the option that is wrong, whatever keeps the file from being read.
  return fail(ErrorCode::invalid_argument, where + ": " + content.error().message,
              content.error().hint);
}

Result<void> check_choice(const Option& option, const std::string& where, const std::string& text) {
  if (option.choices.empty()) return {};
  std::istringstream words{std::string(option.choices)};
  for (std::string word; words >> word;) {
    if (word == text) return {};
  }
  return fail(ErrorCode::invalid_argument, fmt::format("{} cannot be \"{}\"", where, text),
              fmt::format("it is one of: {}", option.choices));
}

}  // namespace

Result<Settings::Value> Settings::parse(const Option& option, const std::string& where,
                                        const std::vector<std::string>& texts) {
  const std::string& text = texts.back();
  for (const std::string& each : texts) {
    if (!is_valid_utf8(each)) {
      return fail(ErrorCode::invalid_argument, where + " is not valid UTF-8",
                  "check the encoding of your terminal or file");
    }
  }
  // Whoever knows a secret leaves no copy of its memory behind.
  if (shown_texts(option, texts) != texts) platform::forbid_cores();
  if (texts.size() > 1 && !option.repeatable) {
    return fail(ErrorCode::invalid_argument, where + " is given more than once");
  }
  Value value;
  switch (option.type) {
    case OptionType::flag:
      value = TRY(parse_flag(where, text));
      break;
    case OptionType::integer:
      value = TRY(parse_integer(where, text, option.minimum, option.maximum));
      break;
    case OptionType::seed:
      value = TRY(parse_seed(where, text));
      break;
    case OptionType::number:
      value = TRY(parse_number(where, text, option.minimum, option.maximum));
      break;
    case OptionType::bytes:
      value = TRY(parse_bytes(where, text));
      break;
    case OptionType::integers:
      value = TRY(parse_integers(where, text, option.minimum, option.maximum));
      break;
    case OptionType::secret:
    case OptionType::text:
      TRY(check_choice(option, where, text));
      if (option.repeatable) {
        value = texts;
      } else {
        value = text;
      }
      break;
  }
  return value;
}

Result<void> Settings::check(const Option& option, const std::string& where,
                             const std::vector<std::string>& texts) {
  TRY(parse(option, where, texts));
  return {};
}

Result<void> Settings::assign(const Option& option, const std::string& where,
                              const std::vector<std::string>& texts) {
  values_.insert_or_assign(std::string(option.name), TRY(parse(option, where, texts)));
  shown_.insert_or_assign(std::string(option.name),
                          fmt::format("{}", fmt::join(shown_texts(option, texts), ", ")));
  return {};
}

Result<void> Settings::assign_typed(const Option& option, const std::string& where,
                                    const std::vector<std::string>& texts) {
  if (!takes_file(option)) return assign(option, where, TRY(typed_texts(option, where, texts)));
  std::vector<std::string> contents;
  for (const std::string& text : texts) contents.push_back(TRY(text_or_file(where, text)));
  TRY(assign(option, where, contents));
  shown_.insert_or_assign(std::string(option.name), fmt::format("{}", fmt::join(texts, ", ")));
  return {};
}

Result<void> Settings::set(const Option& option, const std::string& where,
                           const std::string& text) {
  if (!text.empty()) return assign_typed(option, where, {text});
  values_.erase(std::string(option.name));
  shown_.erase(std::string(option.name));
  if (option.default_text.empty()) return {};
  return assign(option, where, {std::string(option.default_text)});
}

/// A variable of its own comes before the file and after the command line, as others do.
Result<void> Settings::add_secrets(const Option& option, const GivenOptions& given,
                                   const SettingsSource& source) {
  const auto typed = given.find(option.name);
  for (const auto& [variable, prefix] : secret_variables()) {
    const auto secret = source.environment(variable);
    if (!secret || secret->empty()) continue;
    const auto names_it = [&prefix = prefix](const std::string& text) {
      return text.starts_with(prefix);
    };
    if (typed != given.end() && std::ranges::any_of(typed->second, names_it)) continue;
    std::vector<std::string> all = texts(option.name);
    std::erase_if(all, names_it);
    all.push_back(prefix + *secret);
    TRY(assign(option, variable, all));
  }
  return {};
}

Result<Settings> Settings::resolve(unsigned command, const GivenOptions& given,
                                   const SettingsSource& source) {
  const GivenOptions configured = TRY(read_config(source.config_path));
  Settings settings;
  for (const Option& option : option_table()) {
    const auto file = configured.find(option.name);
    const std::string file_key = source.config_path + ": " + config_key(option);
    // Checked for every command, so that a fault in the file does not wait for the right one.
    if (file != configured.end()) TRY(parse(option, file_key, file->second));
    if ((option.commands & command) == 0) continue;
    const std::string variable = environment_name(option);
    std::optional<std::string> text;
    if (option.scope == OptionScope::everywhere) text = source.environment(variable);
    if (const auto flags = given.find(option.name); flags != given.end()) {
      TRY(settings.assign_typed(option, "--" + std::string(option.name), flags->second));
    } else if (text && !text->empty()) {
      TRY(settings.assign(option, variable, {*text}));
    } else if (file != configured.end()) {
      TRY(settings.assign(option, file_key, file->second));
    } else {
      TRY(settings.set(option, std::string(option.name), ""));
    }
    if (option.name == "engine-option") TRY(settings.add_secrets(option, given, source));
  }
  return settings;
}

template <typename T>
const T* Settings::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : std::get_if<T>(&found->second);
}

bool Settings::flag(std::string_view name) const {
  const bool* value = find<bool>(name);
  return value != nullptr && *value;
}

std::optional<std::int64_t> Settings::integer(std::string_view name) const {
  const auto* value = find<std::int64_t>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::uint64_t> Settings::whole(std::string_view name) const {
  const auto* value = find<std::uint64_t>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<double> Settings::number(std::string_view name) const {
  const auto* value = find<double>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::string> Settings::text(std::string_view name) const {
  const auto* value = find<std::string>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::vector<std::string> Settings::texts(std::string_view name) const {
  const auto* value = find<std::vector<std::string>>(name);
  return value == nullptr ? std::vector<std::string>{} : *value;
}

std::vector<std::int64_t> Settings::integers(std::string_view name) const {
  const auto* value = find<std::vector<std::int64_t>>(name);
  return value == nullptr ? std::vector<std::int64_t>{} : *value;
}

std::string Settings::shown(const Option& option) const {
  const auto found = shown_.find(option.name);
  return found == shown_.end() ? std::string() : found->second;
}

}  // namespace tenfold
