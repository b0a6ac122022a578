#include "formats/generation_defaults.h"

#include <gtest/gtest.h>

#include "formats/describe.h"
#include "formats/gguf_builder.h"
#include "formats/litertlm_metadata.h"

namespace tenfold {
namespace {

using nlohmann::json;

std::string varint_field(int field, int value) {
  return {static_cast<char>(field << 3), static_cast<char>(value)};
}
std::string float_field(int field, float value) {
  return std::string(1, static_cast<char>(field << 3 | 5)) + GgufBuilder::raw(value);
}

Sampling of_litertlm(const std::string& sampler) {
  const std::string bytes =
      std::string(1, 4 << 3 | 2) + static_cast<char>(sampler.size()) + sampler;
  const auto source = make_memory_source(bytes);
  const auto metadata = read_litertlm_metadata(*source, "x", 0, bytes.size());
  EXPECT_TRUE(metadata.ok()) << metadata.error().message;
  return metadata.ok() ? metadata->sampling : Sampling();
}

TEST(GenerationDefaults, OfTheKeysOfTransformers) {
  const Sampling all = sampling_of_config(json::parse(
      R"({"temperature": 0.2, "top_k": 20, "top_p": 0.8, "min_p": 0.1, "repetition_penalty": 1.05,
          "presence_penalty": 0.5, "frequency_penalty": -0.5, "do_sample": true,
          "eos_token_id": [1, 2]})"));
  EXPECT_EQ(all.temperature, 0.2);
  EXPECT_EQ(all.top_k, 20);
  EXPECT_EQ(all.top_p, 0.8);
  EXPECT_EQ(all.min_p, 0.1);
  EXPECT_EQ(all.repeat_penalty, 1.05);
  EXPECT_EQ(all.presence_penalty, 0.5);
  EXPECT_EQ(all.frequency_penalty, -0.5);
  EXPECT_EQ(all.seed, std::nullopt);
}

TEST(GenerationDefaults, NotToSampleIsGreedy) {
  EXPECT_EQ(sampling_of_config({{"do_sample", false}, {"temperature", 1.5}}).temperature, 0);
  EXPECT_EQ(sampling_of_config(json::object()), Sampling());
}

TEST(GenerationDefaults, WhatCannotBeIsNotRecommended) {
  const Sampling none = sampling_of_config(json::parse(
      R"({"temperature": -1, "top_k": "5", "top_p": 0, "min_p": null, "repetition_penalty": 0,
          "presence_penalty": [1], "do_sample": "false"})"));
  EXPECT_EQ(none, Sampling());
  EXPECT_EQ(sampling_of_config({{"top_k", 2.5}}).top_k, std::nullopt);
  EXPECT_EQ(sampling_of_config({{"top_k", 1e12}}).top_k, std::nullopt);
  EXPECT_EQ(sampling_of_config({{"top_k", -1}}).top_k, 0) << "all tokens";
}

TEST(GenerationDefaults, OfAGgufFile) {
  const std::string bytes =
      GgufBuilder()
          .real("general.sampling.temp", 0.6F)
          .entry("general.sampling.top_k", GgufType::int32, GgufBuilder::raw(std::int32_t{20}))
          .real("general.sampling.top_p", 0.95F)
          .real("general.sampling.min_p", -0.5F)
          .real("general.sampling.penalty_repeat", 1.1F)
          .entry("general.sampling.penalty_last_n", GgufType::int32,
                 GgufBuilder::raw(std::int32_t{-1}))
          .build();
  const auto source = make_memory_source(bytes);
  const auto header = read_gguf(*source, "x.gguf");
  ASSERT_TRUE(header.ok()) << header.error().message;
  const Sampling sampling = sampling_of_gguf(*header);
  EXPECT_EQ(sampling.temperature, 0.6) << "as it was written, not as a float has it";
  EXPECT_EQ(sampling.top_k, 20);
  EXPECT_EQ(sampling.top_p, 0.95);
  EXPECT_EQ(sampling.min_p, std::nullopt);
  EXPECT_EQ(sampling.repeat_penalty, 1.1);
  EXPECT_EQ(sampling.penalty_window, -1);
}

TEST(GenerationDefaults, OfALitertlmContainer) {
  const Sampling top_p = of_litertlm(varint_field(1, 2) + varint_field(2, 64) +
                                     float_field(3, 0.95F) + float_field(4, 1.0F));
  EXPECT_EQ(top_p.top_k, 64);
  EXPECT_EQ(top_p.top_p, 0.95);
  EXPECT_EQ(top_p.temperature, 1.0);
  EXPECT_EQ(of_litertlm(varint_field(1, 3)).temperature, 0) << "greedy";
  EXPECT_EQ(of_litertlm(varint_field(1, 1) + float_field(4, 0)), Sampling()) << "nothing is set";
  EXPECT_EQ(of_litertlm(varint_field(3, 1)), Sampling()) << "no float";
}

TEST(GenerationDefaults, OfTheCommittedModels) {
  const std::string folder = "tests/models/tiny-llama/";
  const auto of = [&](const std::string& name) {
    const auto model = describe_model(folder + name);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? model->sampling : Sampling();
  };
  Sampling greedy;
  greedy.temperature = 0;
  for (const char* name : {"mlx-4bit", "onnx-f32", "executorch-f32", "litert-f32"}) {
    EXPECT_EQ(of(name), greedy) << name;
  }
  EXPECT_EQ(of("genai-f32").temperature, 0);
  EXPECT_EQ(of("genai-f32").top_k, 50);
  EXPECT_EQ(of("mlc-q0f32").temperature, 1);
  EXPECT_EQ(of("mlc-q0f32").repeat_penalty, 1);
  EXPECT_EQ(of("tiny-llama-f32.gguf"), Sampling());
}

}  // namespace
}  // namespace tenfold
