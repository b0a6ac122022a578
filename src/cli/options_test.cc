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

TEST(Options, NothingIsGivenUnlessSomebodySaysSo) {
  const Settings settings =
      Settings::resolve(in_run, {}, {[](const std::string&) { return std::nullopt; }, "/none"})
          .value();
  EXPECT_EQ(request_from(settings).value().sampling, Sampling());
  EXPECT_EQ(find_option("model")->default_text, built_in_catalogue().default_name);
}

TEST(Options, EachFieldWithAHelpTextIsOne) {
  for (const RequestField& field : request_fields()) {
    const Option* option = find_option(option_name(field));
    if (field.help.empty()) continue;
    ASSERT_NE(option, nullptr) << field.name;
    EXPECT_EQ(config_key(*option), field.name);
    EXPECT_EQ(option->help, field.help);
  }
  EXPECT_EQ(find_option("top-k")->unset, "the model's own, or 40");
  EXPECT_EQ(find_option("temperature")->unset, "the model's own, or 0.7");
  EXPECT_EQ(find_option("stop")->unset, "");
  EXPECT_TRUE(find_option("stop")->repeatable);
}

}  // namespace
}  // namespace tenfold
