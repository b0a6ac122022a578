// tenfold verify with the tiny model.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "program.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;
using VerifyTest = ProgramTest;

constexpr const char* verify = "T=$MODELS/tiny-llama/tiny-llama; tenfold verify --threads 1 ";

TEST_F(VerifyTest, FormatsOfTheSameWeightsAgree) {
  const ProgramEnd end = shell(verify + std::string("$T-f32.gguf $T-q8_0.gguf $T-q4_0.gguf"));
  EXPECT_EQ(end.code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("agrees"));
}

TEST_F(VerifyTest, OneModelIsComparedWithItself) {
  const ProgramEnd end = shell(verify + std::string("$T-f32.gguf"));
  EXPECT_EQ(end.code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("there is nothing to compare it with"));
}

TEST_F(VerifyTest, OtherWeightsDiffer) {
  const ProgramEnd end =
      shell(verify + std::string("--json $T-f32.gguf $MODELS/tiny-qwen3/tiny-qwen3-f32.gguf"));
  EXPECT_EQ(end.code, 1) << end.output;
  const auto json = nlohmann::json::parse(end.output);
  EXPECT_FALSE(json.at("agrees").get<bool>());
  const auto& run = json.at("runs").at(1);
  EXPECT_FALSE(run.at("agrees").get<bool>());
  EXPECT_EQ(run.at("template_differences"), 0);
  EXPECT_EQ(run.at("tokenizer_differences"), 0);
  EXPECT_LT(run.at("top1_agreement"), 0.75);
  const auto& parted = run.at("prompts").at(4).at("divergence");
  EXPECT_NE(parted.at("expected").at("id"), parted.at("got").at("id"));
}

TEST_F(VerifyTest, AWrongTemplateIsNamed) {
  const ProgramEnd end = shell(verify + std::string("$T-f32.gguf wrong.gguf"));
  EXPECT_EQ(end.code, 3) << end.output;
  EXPECT_THAT(end.output, HasSubstr("there is no model or file called \"wrong.gguf\""));
  const ProgramEnd changed = shell(
      "sed 's/<|assistant|>\\(..}}{% endif\\)/<|Assistant|>\\1/' "
      "$MODELS/tiny-llama/tiny-llama-f32.gguf > wrong.gguf; " +
      (verify + std::string("$T-f32.gguf ./wrong.gguf")));
  EXPECT_EQ(changed.code, 1) << changed.output;
  EXPECT_THAT(changed.output, HasSubstr("4 of 12 rendered prompts differ, first chat 1 at byte"));
}

TEST_F(VerifyTest, AModelThatCannotBeOpenedIsARow) {
  const ProgramEnd end = shell(verify + std::string("$T-f32.gguf ./fake.gguf"));
  EXPECT_EQ(end.code, 1) << end.output;
  EXPECT_THAT(end.output, HasSubstr("./fake.gguf on llama_cpp:\n  "));
  EXPECT_THAT(end.output, HasSubstr("failed"));
}

}  // namespace
}  // namespace tenfold
