#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/nearest.h"

namespace tenfold {
namespace {

/// An argument split into the option's name and the value attached to it.
struct Split {
  std::string name;  ///< with its dashes
  std::optional<std::string> value;
  const Option* option = nullptr;
};

/// What other programs call options of ours.
constexpr std::pair<std::string_view, std::string_view> foreign_options[] = {
    {"-n", "max-tokens"},
    {"--n-predict", "max-tokens"},
    {"--num-predict", "max-tokens"},
    {"-c", "ctx"},
    {"--ctx-size", "ctx"},
    {"--num-ctx", "ctx"},
    {"--temp", "temperature"},
    {"-t", "threads"}};

/// For an option that `command` does not have.
std::string hint_for(std::string_view given, unsigned command) {
  if (given == "-p" || given == "--prompt") return "the words after the options are the prompt";
  std::vector<std::string_view> names;
  for (const Option& option : option_table()) {
    if ((option.commands & command) != 0) names.push_back(option.name);
  }
  for (const auto& [foreign, ours] : foreign_options) {
    if (given == foreign && std::ranges::find(names, ours) != names.end()) {
      return fmt::format("did you mean --{}?", ours);
    }
  }
  const std::string_view meant =
      given.starts_with("--") ? nearest(given.substr(2), names) : std::string_view();
  return meant.empty() ? "put -- before a text that starts with a dash"
                       : fmt::format("did you mean --{}?", meant);
}

Split split(const std::string& argument) {
  Split out;
  if (argument.starts_with("--")) {
    const std::size_t equals = argument.find('=');
    out.name = argument.substr(0, equals);
    if (equals != std::string::npos) out.value = argument.substr(equals + 1);
    out.option = find_option(std::string_view(out.name).substr(2));
    return out;
  }
  out.name = argument.substr(0, 2);
  if (argument.size() > 2) out.value = argument.substr(argument[2] == '=' ? 3 : 2);
  const auto found = std::ranges::find(option_table(), argument[1], &Option::letter);
  out.option = found == option_table().end() ? nullptr : &*found;
  return out;
}

bool is_option(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' &&
         (argument[1] == '-' || std::isalpha(static_cast<unsigned char>(argument[1])) != 0);
}

}  // namespace

Result<Arguments> parse_arguments(unsigned command, std::span<const std::string> arguments) {
  Arguments out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      out.words.insert(out.words.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                       arguments.end());
      break;
    }
    if (!is_option(argument)) {
      out.words.push_back(argument);
      continue;
    }
    if (argument == "--help" || argument == "-h") {
      out.help = true;
      continue;
    }
    Split split_argument = split(argument);
    const Option* option = split_argument.option;
    if (option == nullptr || (option->commands & command) == 0) {
      return fail(ErrorCode::invalid_argument, "unknown option " + split_argument.name,
                  hint_for(split_argument.name, command));
    }
    const bool flag = option->type == OptionType::flag;
    if (flag && split_argument.value) {
      return fail(ErrorCode::invalid_argument, split_argument.name + " takes no value");
    }
    if (!flag && !split_argument.value) {
      if (i + 1 == arguments.size()) {
        return fail(ErrorCode::invalid_argument,
                    split_argument.name + " needs a value: " + std::string(option->value_name));
      }
      split_argument.value = arguments[++i];
    }
    std::vector<std::string>& texts = out.options[std::string(option->name)];
    if (flag) texts = {"true"};
    if (!flag) texts.push_back(*split_argument.value);
  }
  return out;
}

}  // namespace tenfold
