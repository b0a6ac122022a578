#include "chat/parameters.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using ::testing::HasSubstr;

TEST(Generation, ReadsWhatARequestMayHave) {
  const auto read = read_generation(Json::parse(
      R"({"temperature": 0, "top_k": null, "seed": 7, "stop": ["x"], "context_size": 512,
          "tools": [{"name": "look"}]})"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->request.sampling.temperature, 0);
  EXPECT_EQ(read->request.sampling.top_k, Sampling().top_k);
  EXPECT_EQ(read->request.sampling.seed, 7U);
  EXPECT_EQ(read->context_size, 512);
  EXPECT_EQ(read->tools[0].name, "look");
}

TEST(Generation, AConstraintIsRead) {
  const auto read =
      read_generation(Json::parse(R"({"constraint": {"kind": "regex", "text": "a+"}})"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->request.constraint.text, "a+");
}

TEST(Generation, RefusesTheRestByName) {
  const auto fault = [](const char* text) {
    const auto read = read_generation(Json::parse(text));
    return read.ok() ? std::string("accepted") : read.error().message;
  };
  EXPECT_THAT(fault(R"({"prompt": "x"})"), HasSubstr("settings.prompt"));
  EXPECT_THAT(fault(R"({"answered": [1]})"), HasSubstr("settings.answered"));
  EXPECT_THAT(fault(R"({"temperature": -1})"), HasSubstr("temperature"));
  EXPECT_THAT(fault(R"({"top_p": "x"})"), HasSubstr("top_p"));
  EXPECT_THAT(fault(R"({"context_size": -1})"), HasSubstr("context_size"));
  EXPECT_THAT(fault(R"({"tools": [{"name": "a b"}]})"), HasSubstr("tools"));
  EXPECT_THAT(fault("[]"), HasSubstr("object"));
}

TEST(Generation, SettingsComeOverDefaults) {
  const Json merged = merge_settings({{"temperature", 1}, {"top_k", 5}},
                                     {{"temperature", 0}, {"top_k", nullptr}, {"top_p", nullptr}});
  EXPECT_EQ(merged, Json({{"temperature", 0}}));
}

}  // namespace
}  // namespace tenfold
