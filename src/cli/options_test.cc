#include "cli/options.h"

#include <gtest/gtest.h>

#include <set>

#include "cli/request_settings.h"
#include "models/catalogue.h"

namespace tenfold {
namespace {

TEST(Options, NamesLettersAndKeysAreUnique) {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    const bool taken = option.letter != '\0' && !letters.insert(option.letter).second;
    EXPECT_FALSE(taken) << option.name;
    EXPECT_NE(option.commands, 0U) << option.name;
    EXPECT_FALSE(option.help.empty()) << option.name;
    EXPECT_EQ(option.value_name.empty(), option.type == OptionType::flag) << option.name;
    EXPECT_EQ(find_option(option.name), &option);
  }
  EXPECT_EQ(find_option("frob"), nullptr);
}

TEST(Options, NamesElsewhere) {
  const Option& option = *find_option("max-tokens");
  EXPECT_EQ(environment_name(option), "TENFOLD_MAX_TOKENS");
  EXPECT_EQ(config_key(option), "max_tokens");
}

TEST(Options, VariablesOfTheProgramItselfAreNoOptions) {
  for (const Option& option : option_table()) {
    EXPECT_NE(environment_name(option), "TENFOLD_HOME");
    EXPECT_NE(environment_name(option), "TENFOLD_ENGINE_PATH");
  }
}

TEST(Options, DefaultsAreThoseOfTheContract) {
  const Settings settings =
      Settings::resolve(in_run, {}, {[](const std::string&) { return std::nullopt; }, "/none"})
          .value();
  const Sampling by_table = request_from(settings).value().sampling;
  const Sampling by_contract;
  EXPECT_EQ(by_table.temperature, by_contract.temperature);
  EXPECT_EQ(by_table.top_k, by_contract.top_k);
  EXPECT_EQ(by_table.top_p, by_contract.top_p);
  EXPECT_EQ(by_table.min_p, by_contract.min_p);
  EXPECT_EQ(by_table.repeat_penalty, by_contract.repeat_penalty);
  EXPECT_EQ(by_table.presence_penalty, by_contract.presence_penalty);
  EXPECT_EQ(by_table.frequency_penalty, by_contract.frequency_penalty);
  EXPECT_EQ(by_table.penalty_window, by_contract.penalty_window);
  EXPECT_EQ(find_option("model")->default_text, built_in_catalogue().default_name);
}

}  // namespace
}  // namespace tenfold
