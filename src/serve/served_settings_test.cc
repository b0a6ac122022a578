#include "serve/served_settings.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace tenfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ServedSettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    std::filesystem::remove(path_);
  }

  server::ServedSettings served(const GivenOptions& given = {}) {
    const SettingsSource source{[this](const std::string& name) { return variable(name); }, path_};
    return served_settings(Settings::resolve(in_serve, given, source).value(), given, source,
                           ModelStore());
  }

  std::optional<std::string> variable(const std::string& name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }

  static nlohmann::json row(const server::ServedSettings& served, const std::string& key) {
    const nlohmann::json rows = served.list().value();
    for (const auto& row : rows) {
      if (row["key"] == key) return row;
    }
    return nullptr;
  }

  std::string folder_ = ::testing::TempDir() + "tenfold-served-settings-" +
                        ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string path_ = folder_ + "/config.json";
  std::map<std::string, std::string> variables_;
};

TEST_F(ServedSettingsTest, ChangesAreInTheFileThatCommandsRead) {
  const auto settings = served();
  ASSERT_TRUE(settings.change({{"temperature", 0.5}, {"memory_limit", "600M"}}).ok());
  EXPECT_EQ(read_config(path_).value().at("memory-limit"), std::vector<std::string>{"600M"});
  EXPECT_EQ(settings.generation()["temperature"], 0.5);
  ASSERT_TRUE(settings.change({{"temperature", nullptr}}).ok());
  EXPECT_EQ(load_config(path_).value(), nlohmann::json({{"memory_limit", "600M"}}));
}

TEST_F(ServedSettingsTest, PresetsAreChangedModelByModel) {
  const auto settings = served();
  ASSERT_TRUE(
      settings.change({{"presets", {{"a", {{"top_k", 3}}}, {"b", {{"min_p", 0.5}}}}}}).ok());
  ASSERT_TRUE(
      settings.change({{"presets", {{"a", {{"temperature", 0.25}}}}}, {"threads", 2}}).ok());
  EXPECT_EQ(settings.presets().value(),
            nlohmann::json({{"a", {{"temperature", 0.25}}}, {"b", {{"min_p", 0.5}}}}));
  const auto refused = settings.change({{"presets", {{"b", {{"min_p", 2}}}}}});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("presets.b.min_p cannot be 2"));
  ASSERT_TRUE(settings.change({{"presets", {{"b", nullptr}}}}).ok());
  EXPECT_EQ(settings.presets().value().size(), 1U);
  ASSERT_TRUE(settings.change({{"presets", nullptr}}).ok());
  EXPECT_EQ(load_config(path_).value(), nlohmann::json({{"threads", 2}}));
}

TEST_F(ServedSettingsTest, AnAtIsTextAndOpensNoFile) {
  const auto settings = served();
  ASSERT_TRUE(settings.change({{"regex", "@/etc/hostname"}}).ok());
  EXPECT_EQ(settings.generation()["constraint"]["text"], "@/etc/hostname");
}

TEST_F(ServedSettingsTest, AWrongValueChangesNothing) {
  const auto settings = served();
  const auto fault = [&](const nlohmann::json& values) {
    const auto changed = settings.change(values);
    return changed.ok() ? std::string("accepted") : changed.error().message;
  };
  EXPECT_THAT(fault({{"top_k", 5}, {"temperature", -1}}), HasSubstr("temperature"));
  EXPECT_THAT(fault({{"top_k", "x"}}), HasSubstr("top_k"));
  EXPECT_THAT(fault({{"theme", "pink"}}), HasSubstr("theme"));
  EXPECT_THAT(fault({{"colour", 1}}), HasSubstr("colour"));
  EXPECT_THAT(fault({{"json", true}}), HasSubstr("json"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ServedSettingsTest, EachSaysWhereItComesFromAndWhenItActs) {
  variables_["TENFOLD_TOP_K"] = "7";
  std::ofstream(path_) << R"({"top_p": 0.5, "threads": 2})";
  variables_["TENFOLD_API_KEY"] = "0123456789abcdef";
  const auto settings = served({{"threads", {"3"}}});
  EXPECT_EQ(row(settings, "top_k")["source"], "environment");
  EXPECT_EQ(row(settings, "top_k")["active"], "7");
  EXPECT_EQ(row(settings, "top_p")["source"], "config");
  EXPECT_EQ(row(settings, "top_p")["restart"], false);
  EXPECT_EQ(row(settings, "threads")["source"], "command_line");
  EXPECT_EQ(row(settings, "threads")["value"], 2);
  EXPECT_EQ(row(settings, "threads")["active"], "3");
  EXPECT_EQ(row(settings, "threads")["restart"], true);
  EXPECT_EQ(row(settings, "min_p")["source"], "default");
  EXPECT_EQ(row(settings, "theme")["choices"].size(), 3U);
  EXPECT_EQ(row(settings, "api_key")["active"], "(set)");
  EXPECT_EQ(row(settings, "show_reasoning"), nullptr);
}

TEST_F(ServedSettingsTest, NoSecretIsShownAndWhatComesBackKeepsIt) {
  const nlohmann::json stored{{"api_key", "sk-1234567890"},
                              {"engine_option", {"picollm.access_key=sk-1234567890"}}};
  const auto settings = served();
  ASSERT_TRUE(settings.change(stored).ok());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path_).permissions(), perms::owner_read | perms::owner_write);
  const auto started = served();
  EXPECT_THAT(started.list()->dump(), Not(HasSubstr("sk-")));
  EXPECT_EQ(row(started, "api_key")["secret"], true);
  EXPECT_EQ(row(started, "api_key")["value"], nullptr);
  EXPECT_EQ(row(started, "api_key")["active"], "(set)");
  nlohmann::json options = row(started, "engine_option")["value"];
  EXPECT_EQ(options, nlohmann::json::array({"picollm.access_key=(set)"}));
  EXPECT_EQ(row(started, "engine_option")["active"], "picollm.access_key=(set)");
  ASSERT_TRUE(started.change({{"engine_option", options}, {"api_key", "(set)"}}).ok());
  EXPECT_EQ(load_config(path_).value(), stored);
  ASSERT_TRUE(started.change({{"engine_option", nullptr}, {"api_key", nullptr}}).ok());
  EXPECT_EQ(load_config(path_).value(), nlohmann::json::object());
  const auto refused = started.change({{"engine_option", options}});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("engine_option: picollm.access_key=(set)"));
}

TEST_F(ServedSettingsTest, AFaultInAFileWithSecretsRepeatsNone) {
  const auto settings = served();
  for (const nlohmann::json& values :
       {nlohmann::json{{"api_key", 1234567}}, nlohmann::json{{"engine_option", 1234567}},
        nlohmann::json{{"engine_option", "access_key:1234567"}},
        nlohmann::json{{"engine_option", "access_key=1234567"}}}) {
    const auto refused = settings.change(values);
    ASSERT_FALSE(refused.ok()) << values;
    EXPECT_THAT(refused.error().message + refused.error().hint, Not(HasSubstr("1234567")));
  }
}

}  // namespace
}  // namespace tenfold
