#include "cli/secrets.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/settings.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class SecretsTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }

  Result<Settings> resolve(const GivenOptions& given, unsigned command = in_run) {
    return Settings::resolve(command, given,
                             {[this](const std::string& name) -> std::optional<std::string> {
                                const auto found = environment_.find(name);
                                return found == environment_.end() ? std::nullopt
                                                                   : std::optional(found->second);
                              },
                              config_});
  }

  const Option& engine_option_ = *find_option("engine-option");
  const std::string path_ =
      ::testing::TempDir() + "tenfold-secret-" + std::to_string(::getpid()) + ".txt";
  std::string config_ = "/none";
  std::map<std::string, std::string> environment_;
};

TEST_F(SecretsTest, AreShownAsSetWhereverTheyStand) {
  EXPECT_THAT(
      shown_texts(engine_option_, {"picollm.access_key=k", "access_key=k", "llama_cpp.x=k"}),
      ElementsAre("picollm.access_key=(set)", "access_key=(set)", "llama_cpp.x=k"));
  EXPECT_THAT(shown_texts(*find_option("api-key"), {"k"}), ElementsAre("(set)"));
  EXPECT_THAT(shown_texts(*find_option("host"), {"::1"}), ElementsAre("::1"));
  write("k1\n");
  const Settings settings = resolve({{"engine-option", {"access_key=@" + path_}}}).value();
  EXPECT_EQ(settings.shown(engine_option_), "access_key=(set)");
  EXPECT_THAT(settings.texts("engine-option"), ElementsAre("access_key=k1"));
}

TEST_F(SecretsTest, AFileGivesItsFirstLine) {
  write("sk-1\nmore\n");
  const Settings settings =
      resolve({{"api-key", {"@" + path_}}, {"engine-option", {"picollm.access_key=@" + path_}}},
              in_serve)
          .value();
  EXPECT_EQ(settings.text("api-key"), "sk-1");
  EXPECT_THAT(settings.texts("engine-option"), ElementsAre("picollm.access_key=sk-1"));
  write("");
  EXPECT_THAT(resolve({{"api-key", {"@" + path_}}}, in_serve).error().message,
              HasSubstr("has no first line"));
  EXPECT_EQ(resolve({{"engine-option", {"access_key=@/no/such"}}}).error().code,
            ErrorCode::invalid_argument);
}

TEST_F(SecretsTest, OnesThatStandOnACommandLineAreRefused) {
  for (const auto& [option, text] :
       {std::pair("api-key", "sk-1"), std::pair("engine-option", "picollm.access_key=sk-1")}) {
    const auto refused = resolve({{option, {text}}}, in_serve);
    ASSERT_FALSE(refused.ok()) << option;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr(option));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("sk-1")));
    EXPECT_THAT(refused.error().hint, HasSubstr("@FILE"));
  }
  EXPECT_TRUE(resolve({{"engine-option", {"picollm.access_key="}}}).ok()) << "it takes one away";
}

TEST_F(SecretsTest, OnlyWhatIsTypedNamesAFile) {
  write(R"({"api_key": "@/etc/hostname"})");
  config_ = path_;
  EXPECT_EQ(resolve({}, in_serve).value().text("api-key"), "@/etc/hostname");
  EXPECT_THAT(resolve({{"engine-option", {"llama_cpp.x=@/a"}}}).value().texts("engine-option"),
              ElementsAre("llama_cpp.x=@/a"))
      << "no secret";
}

TEST_F(SecretsTest, AnEngineHasAVariableForIts) {
  EXPECT_EQ(secret_variables().at(0).name, "TENFOLD_PICOLLM_ACCESS_KEY");
  write(R"({"engine_option": ["picollm.access_key=stored", "llama_cpp.x=1"]})");
  config_ = path_;
  environment_["TENFOLD_PICOLLM_ACCESS_KEY"] = "k";
  EXPECT_THAT(resolve({}).value().texts("engine-option"),
              ElementsAre("llama_cpp.x=1", "picollm.access_key=k"));
  config_ = "/none";
  write("typed");
  EXPECT_THAT(
      resolve({{"engine-option", {"picollm.access_key=@" + path_}}}).value().texts("engine-option"),
      ElementsAre("picollm.access_key=typed"));
}

TEST_F(SecretsTest, WhatIsNotStoredCannotBeKept) {
  const std::vector<std::string> stored{"picollm.access_key=old", "picollm.access_key=k"};
  EXPECT_THAT(kept_texts(engine_option_, {"picollm.access_key=(set)", "a.b=(set)"}, stored).value(),
              ElementsAre("picollm.access_key=k", "a.b=(set)"));
  EXPECT_THAT(kept_texts(engine_option_, {"picollm.access_key=new"}, stored).value(),
              ElementsAre("picollm.access_key=new"));
  EXPECT_THAT(kept_texts(*find_option("api-key"), {"(set)"}, {}).error().message,
              HasSubstr("none is stored"));
}

}  // namespace
}  // namespace tenfold
