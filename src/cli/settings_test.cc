#include "cli/settings.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tenfold {
namespace {

using ::testing::ElementsAre;

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "tenfold-settings-" + std::to_string(::getpid()) + ".json";
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void config(const std::string& text) { std::ofstream(path_) << text; }
  Result<Settings> resolve(const GivenOptions& given = {}, unsigned command = in_run) {
    return Settings::resolve(command, given,
                             {[this](const std::string& name) -> std::optional<std::string> {
                                const auto found = environment_.find(name);
                                return found == environment_.end() ? std::nullopt
                                                                   : std::optional(found->second);
                              },
                              path_});
  }

  std::string path_;
  std::map<std::string, std::string> environment_;
};

TEST_F(SettingsTest, FlagBeforeEnvironmentBeforeFileBeforeDefault) {
  EXPECT_EQ(resolve().value().integer("ctx"), 0);
  EXPECT_EQ(resolve().value().integer("top-k"), std::nullopt) << "the model has a say, too";
  config(R"({"top_k": 1})");
  EXPECT_EQ(resolve().value().integer("top-k"), 1);
  environment_["TENFOLD_TOP_K"] = "2";
  EXPECT_EQ(resolve().value().integer("top-k"), 2);
  EXPECT_EQ(resolve({{"top-k", {"3"}}}).value().integer("top-k"), 3);
}

TEST_F(SettingsTest, OnlyWhatTheUserTypesCanNameAFile) {
  const std::string file = path_ + ".schema";
  std::ofstream(file) << "{}";
  const std::string named = "@" + file;
  Settings typed = resolve({{"json-schema", {named}}}).value();
  EXPECT_EQ(typed.text("json-schema"), "{}");
  EXPECT_EQ(typed.shown(*find_option("json-schema")), named);
  ASSERT_TRUE(typed.set(*find_option("regex"), "/set regex", named).ok());
  EXPECT_EQ(typed.text("regex"), "{}");
  EXPECT_EQ(resolve({{"system", {named}}}).value().text("system"), named);
  for (const char* name : {"json-schema", "regex", "grammar"}) {
    environment_[environment_name(*find_option(name))] = named;
    EXPECT_EQ(resolve().value().text(name), named) << name;
    environment_.clear();
    config(nlohmann::json({{config_key(*find_option(name)), named}}).dump());
    EXPECT_EQ(resolve().value().text(name), named) << name;
    std::filesystem::remove(path_);
  }
  std::ofstream(file) << "\xff";
  EXPECT_EQ(resolve({{"regex", {named}}}).error().code, ErrorCode::invalid_argument);
  std::filesystem::remove(file);
  EXPECT_EQ(resolve({{"regex", {named}}}).error().code, ErrorCode::invalid_argument);
}

TEST_F(SettingsTest, EveryType) {
  config(R"({"json": true, "seed": 18446744073709551615, "temperature": 1, "memory_limit": "1K",
             "stop": ["a", "b"], "system": "s", "max_tokens": 5})");
  const Settings settings = resolve().value();
  EXPECT_TRUE(settings.flag("json"));
  EXPECT_FALSE(settings.flag("raw"));
  EXPECT_EQ(settings.whole("seed"), UINT64_MAX);
  EXPECT_EQ(settings.whole("memory-limit"), 1024U);
  EXPECT_EQ(settings.number("temperature"), 1.0);
  EXPECT_THAT(settings.texts("stop"), ElementsAre("a", "b"));
  EXPECT_EQ(settings.text("system"), "s");
  EXPECT_EQ(settings.integer("max-tokens"), 5);
  EXPECT_EQ(settings.text("regex"), std::nullopt);
  EXPECT_EQ(settings.shown(*find_option("stop")), "a, b");
  EXPECT_THAT(resolve({}, in_bench).value().integers("prompt-tokens"), ElementsAre(512));
}

TEST_F(SettingsTest, OnlyTheOptionsOfTheCommandAreSet) {
  environment_["TENFOLD_TEMPERATURE"] = "nonsense";
  EXPECT_EQ(resolve({}, in_list).value().number("temperature"), std::nullopt);
  EXPECT_FALSE(resolve().ok());
}

TEST_F(SettingsTest, TheEnvironmentCannotSetWhatConcernsOneCall) {
  environment_["TENFOLD_CONTINUE"] = "1";
  EXPECT_FALSE(resolve({}, in_chat).value().flag("continue"));
  config(R"({"continue": true})");
  EXPECT_FALSE(resolve({}, in_chat).ok());
}

TEST_F(SettingsTest, FaultsNameTheirPlace) {
  const auto message = [&](const char* text) {
    config(text);
    return resolve({}, in_list).error().message;
  };
  EXPECT_EQ(message(R"({"frob": 1})"), path_ + ": unknown key \"frob\"");
  EXPECT_EQ(message(R"({"temperature": "0.5"})"),
            path_ + ": temperature must be a number, not \"0.5\"");
  EXPECT_EQ(message(R"({"temperature": -1})"),
            path_ + ": temperature must be a number from 0 to 100, not \"-1\"");
  EXPECT_EQ(message(R"({"system": ["a"]})"), path_ + ": system must be a text, not [\"a\"]");
  EXPECT_EQ(message(R"({"stop": ["a", 1]})"),
            path_ + ": stop must be a text or a list of texts, not 1");
  EXPECT_EQ(message(R"({"raw": 1})"), path_ + ": raw must be true or false, not 1");
  EXPECT_EQ(message("{"), path_ + " is not a JSON object");
  config("{}");
  EXPECT_EQ(resolve({{"system", {"\xff"}}}).error().message, "--system is not valid UTF-8");
  EXPECT_EQ(resolve({{"seed", {"1", "2"}}}).error().message, "--seed is given more than once");
}

TEST_F(SettingsTest, SetPutsBackTheDefault) {
  Settings settings = resolve({{"top-k", {"3"}}, {"seed", {"1"}}, {"ctx", {"512"}}}).value();
  ASSERT_TRUE(settings.set(*find_option("ctx"), "/set", "").ok());
  EXPECT_EQ(settings.integer("ctx"), 0);
  ASSERT_TRUE(settings.set(*find_option("top-k"), "/set", "").ok());
  EXPECT_EQ(settings.integer("top-k"), std::nullopt);
  ASSERT_TRUE(settings.set(*find_option("seed"), "/set", "").ok());
  EXPECT_EQ(settings.whole("seed"), std::nullopt);
  EXPECT_EQ(settings.shown(*find_option("seed")), "");
  EXPECT_FALSE(settings.set(*find_option("top-k"), "/set", "x").ok());
  EXPECT_EQ(settings.integer("top-k"), std::nullopt);
}

}  // namespace
}  // namespace tenfold
