#include "formats/decoder_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace tenfold {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::HasSubstr;

json llama() {
  return {{"model_type", "llama"},         {"hidden_size", 64},       {"num_attention_heads", 4},
          {"num_hidden_layers", 4},        {"intermediate_size", 96}, {"vocab_size", 256},
          {"max_position_embeddings", 512}};
}
json with(json config, const json& changes) {
  config.update(changes);
  return config;
}
DecoderSpec spec_of(const json& config) {
  const auto spec = read_decoder_spec(config, "config.json");
  EXPECT_TRUE(spec.ok()) << spec.error().message;
  return spec.ok() ? *spec : DecoderSpec();
}
std::string refusal(const json& changes) {
  const auto spec = read_decoder_spec(with(llama(), changes), "config.json");
  return spec.ok() ? "" : spec.error().message;
}
std::vector<int> windows(const DecoderSpec& spec) {
  std::vector<int> sizes;
  for (const LayerSpec& layer : spec.layers) sizes.push_back(layer.window);
  return sizes;
}

TEST(DecoderSpec, LlamaHasWhatItsConfigurationLeavesOut) {
  const DecoderSpec spec = spec_of(llama());
  EXPECT_EQ(spec.head_size, 16);
  EXPECT_EQ(spec.cache_heads, 4);
  EXPECT_EQ(spec.attention_scale, 0.25F);
  EXPECT_EQ(spec.rotary.size, 16);
  EXPECT_THAT(spec.rotary.table.periods[4], FloatEq(100));
  EXPECT_FALSE(spec.tied.has_value());
  EXPECT_THAT(windows(spec), ElementsAre(0, 0, 0, 0));
}

TEST(DecoderSpec, AnArchitectureThatIsNotKnownIsNamedWithThoseThatAre) {
  const auto spec = read_decoder_spec(with(llama(), {{"model_type", "mamba"}}), "config.json");
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().code, ErrorCode::unsupported);
  EXPECT_THAT(spec.error().message, HasSubstr("\"mamba\""));
  EXPECT_THAT(spec.error().hint, AllOf(HasSubstr("llama"), HasSubstr("stablelm")));
}

TEST(DecoderSpec, FieldsOutOfRangeAreNamedWithTheirValue) {
  EXPECT_EQ(refusal({{"hidden_size", 0}}),
            "config.json: hidden_size is 0, not a whole number from 1 to 131072");
  EXPECT_EQ(refusal({{"hidden_size", nullptr}}),
            "config.json has no hidden_size, which is a whole number from 1 to 131072");
  EXPECT_THAT(refusal({{"num_attention_heads", 5}}), HasSubstr("a divisor of hidden_size"));
  EXPECT_THAT(refusal({{"num_key_value_heads", 3}}), HasSubstr("a divisor of num_attention_heads"));
  EXPECT_THAT(refusal({{"num_hidden_layers", 1e300}}), HasSubstr("num_hidden_layers is 1e+300"));
  EXPECT_THAT(refusal({{"vocab_size", "many"}}), HasSubstr("vocab_size is \"many\""));
  EXPECT_THAT(refusal({{"rms_norm_eps", -1}}), HasSubstr("rms_norm_eps"));
  EXPECT_THAT(refusal({{"rope_theta", 0}}), HasSubstr("rope_theta"));
  EXPECT_THAT(refusal({{"layer_types", {"full_attention"}}}), HasSubstr("a text for each layer"));
  EXPECT_THAT(refusal({{"hidden_act", "relu"}}), HasSubstr("the activation \"relu\""));
  EXPECT_THAT(refusal({{"head_dim", 15}}), HasSubstr("even"));
}

TEST(DecoderSpec, RotaryScalingsAreThoseOfTransformers) {
  EXPECT_THAT(spec_of(with(llama(), {{"rope_scaling", {{"type", "linear"}, {"factor", 2}}}}))
                  .rotary.table.periods[4],
              FloatEq(200));
  const DecoderSpec llama3 =
      spec_of(with(llama(), {{"rope_parameters",
                              {{"rope_type", "llama3"},
                               {"rope_theta", 500000.0},
                               {"factor", 32.0},
                               {"low_freq_factor", 1.0},
                               {"high_freq_factor", 4.0},
                               {"original_max_position_embeddings", 8192}}}}));
  // transformers 5.23: 1 / inv_freq
  EXPECT_THAT(llama3.rotary.table.periods[0], FloatEq(1));
  EXPECT_THAT(llama3.rotary.table.periods[4], FloatNear(2327.98F, 0.01F));
  EXPECT_THAT(llama3.rotary.table.periods[7], FloatNear(3102763.96F, 1));
  EXPECT_THAT(refusal({{"rope_scaling", {{"rope_type", "yarn"}}}}), HasSubstr("\"yarn\""));
  EXPECT_THAT(refusal({{"rope_scaling", {{"type", "linear"}}}}),
              HasSubstr("rope_scaling has no factor"));
  EXPECT_THAT(refusal({{"rope_scaling",
                        {{"type", "longrope"},
                         {"short_factor", {1}},
                         {"original_max_position_embeddings", 64}}}}),
              HasSubstr("short_factor is [1], not a list of 8 numbers"));
}

TEST(DecoderSpec, RotaryPositionsByTheKindOfLayerAreTaken) {
  const json full{{"rope_theta", 100.0 * 100}, {"rope_type", "linear"}, {"factor", 2}};
  const json local{{"rope_theta", 81.0 * 81}, {"rope_type", "default"}};
  const DecoderSpec llama_spec =
      spec_of(with(llama(), {{"rope_parameters", {{"full_attention", full}}}}));
  EXPECT_EQ(llama_spec.rotary.size, 16);
  EXPECT_THAT(llama_spec.rotary.table.periods[4], FloatEq(200));
  EXPECT_EQ(llama_spec.local_rotary.size, 0);

  const json mistral = with(llama(), {{"model_type", "mistral"}, {"sliding_window", 8}});
  const DecoderSpec both = spec_of(with(
      mistral, {{"rope_parameters", {{"full_attention", full}, {"sliding_attention", local}}}}));
  EXPECT_THAT(both.rotary.table.periods[4], FloatEq(200));
  EXPECT_THAT(both.local_rotary.table.periods[4], FloatEq(81));

  // transformers gives Gemma 3 the kind that is not there.
  const json gemma = with(llama(), {{"model_type", "gemma3_text"}, {"head_dim", 16}});
  const DecoderSpec gemma_full =
      spec_of(with(gemma, {{"rope_parameters", {{"full_attention", full}}}, {"rope_theta", 16}}));
  EXPECT_THAT(gemma_full.rotary.table.periods[4], FloatEq(200));
  EXPECT_THAT(gemma_full.local_rotary.table.periods[4], FloatEq(100));
  const DecoderSpec gemma_local =
      spec_of(with(gemma, {{"rope_parameters", {{"sliding_attention", local}}}}));
  EXPECT_THAT(gemma_local.rotary.table.periods[4], FloatEq(1000));
  EXPECT_THAT(gemma_local.local_rotary.table.periods[4], FloatEq(81));
  const DecoderSpec older =
      spec_of(with(gemma, {{"rope_local_base_freq", 81.0 * 81},
                           {"rope_scaling", {{"rope_type", "linear"}, {"factor", 8}}}}));
  EXPECT_THAT(older.rotary.table.periods[4], FloatEq(8000));
  EXPECT_THAT(older.local_rotary.table.periods[4], FloatEq(81));
}

TEST(DecoderSpec, RotaryPositionsByTheKindOfLayerAreRefusedWhereLayersHaveNone) {
  const json local{{"sliding_attention", {{"rope_type", "default"}}}};
  EXPECT_THAT(refusal({{"rope_parameters", local}}), HasSubstr("has no full_attention"));
  EXPECT_THAT(refusal({{"model_type", "mistral"},
                       {"sliding_window", 8},
                       {"rope_parameters", {{"full_attention", {{"rope_type", "default"}}}}}}),
              HasSubstr("has no sliding_attention"));
  EXPECT_THAT(refusal({{"rope_parameters", {{"full_attention", {{"rope_type", "yarn"}}}}}}),
              HasSubstr("\"yarn\""));
  EXPECT_THAT(refusal({{"rope_parameters", {{"full_attention", "yarn"}}}}),
              HasSubstr("full_attention is \"yarn\", not an object"));
  EXPECT_THAT(refusal({{"rope_parameters",
                        {{"full_attention", json::object({{"rope_type", "default"}})},
                         {"rope_type", "yarn"}}}}),
              HasSubstr("rope_type is \"yarn\", not in the part of a kind of layer"));
}

TEST(DecoderSpec, AScalingIsSeenHoweverItIsWritten) {
  const json yarn{{"rope_type", "yarn"}, {"factor", 4}};
  EXPECT_THAT(refusal({{"rope_parameters", {{"rope_theta", 1e4}}}, {"rope_scaling", yarn}}),
              HasSubstr("\"yarn\""));
  EXPECT_THAT(refusal({{"rope_parameters", json::object()}, {"rope_scaling", yarn}}),
              HasSubstr("\"yarn\""));
  EXPECT_THAT(refusal({{"rope_parameters", {{"rope_type", "default"}}}, {"rope_scaling", yarn}}),
              HasSubstr("not what rope_parameters says"));
  EXPECT_THAT(spec_of(with(llama(), {{"rope_parameters", {{"rope_theta", 81.0 * 81}}},
                                     {"rope_scaling", {{"type", "linear"}, {"factor", 2}}}}))
                  .rotary.table.periods[4],
              FloatEq(162));
  EXPECT_THAT(refusal({{"rope_scaling", "yarn"}}),
              HasSubstr("rope_scaling is \"yarn\", not an object"));
  EXPECT_THAT(refusal({{"rope_scaling", {1}}}), HasSubstr("rope_scaling is [1], not an object"));
  EXPECT_THAT(refusal({{"rope_parameters", 1}, {"rope_scaling", yarn}}),
              HasSubstr("rope_parameters is 1, not an object"));
  EXPECT_THAT(refusal({{"rope_scaling", {{"factor", 4.0}}}}), HasSubstr("has no rope_type"));
  EXPECT_THAT(
      refusal({{"rope_scaling", {{"rope_type", "default"}, {"type", "linear"}, {"factor", 4}}}}),
      HasSubstr("type is \"linear\", not what rope_type says"));
  EXPECT_THAT(refusal({{"quantization", "4bit"}}),
              HasSubstr("quantization is \"4bit\", not an object"));
}

TEST(DecoderSpec, WindowsAreThoseOfTheLayerTypesOrOfTheArchitecture) {
  const json window{{"sliding_window", 8}};
  EXPECT_THAT(windows(spec_of(with(with(llama(), window), {{"model_type", "mistral"}}))),
              ElementsAre(8, 8, 8, 8));
  EXPECT_THAT(windows(spec_of(with(with(llama(), window), {{"model_type", "gemma2"}}))),
              ElementsAre(8, 0, 8, 0));
  EXPECT_THAT(windows(spec_of(with(with(llama(), window), {{"model_type", "gemma3_text"},
                                                           {"sliding_window_pattern", 3},
                                                           {"head_dim", 16}}))),
              ElementsAre(8, 8, 0, 8));
  EXPECT_THAT(windows(spec_of(with(with(llama(), window), {{"model_type", "qwen2"},
                                                           {"use_sliding_window", true},
                                                           {"max_window_layers", 2}}))),
              ElementsAre(0, 0, 8, 8));
  EXPECT_THAT(windows(spec_of(with(with(llama(), window),
                                   {{"model_type", "qwen2"}, {"max_window_layers", 2}}))),
              ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(
      windows(spec_of(with(with(llama(), window), {{"layer_types",
                                                    {"full_attention", "sliding_attention",
                                                     "full_attention", "full_attention"}}}))),
      ElementsAre(0, 8, 0, 0));
}

TEST(DecoderSpec, WhatIsLeftOutIsAsTransformersHasItAndNullIsNone) {
  const auto of = [](const char* type, const json& changes = json::object()) {
    return spec_of(with(with(llama(), {{"model_type", type}, {"head_dim", 16}}), changes));
  };
  EXPECT_THAT(windows(of("mistral")), ElementsAre(4096, 4096, 4096, 4096));
  EXPECT_THAT(windows(of("mistral", {{"sliding_window", nullptr}})), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(windows(of("gemma2")), ElementsAre(4096, 0, 4096, 0));
  EXPECT_THAT(windows(of("gemma3_text")), ElementsAre(4096, 4096, 4096, 4096));
  EXPECT_THAT(windows(of("qwen2", {{"use_sliding_window", true}, {"max_window_layers", 3}})),
              ElementsAre(0, 0, 0, 4096));
  EXPECT_THAT(windows(of("qwen2", {{"layer_types", json(4, "sliding_attention")}})),
              ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(windows(of("phi3")), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(windows(of("smollm3", {{"use_sliding_window", true},
                                     {"sliding_window", 8},
                                     {"no_rope_layer_interval", 2}})),
              ElementsAre(0, 8, 0, 8));

  EXPECT_EQ(of("gemma2").attention_cap, 50);
  EXPECT_EQ(of("gemma2").logit_cap, 30);
  EXPECT_EQ(of("gemma2", {{"attn_logit_softcapping", nullptr}}).attention_cap, 0);
  EXPECT_EQ(of("gemma2", {{"final_logit_softcapping", nullptr}}).logit_cap, 0);
  EXPECT_EQ(of("gemma3").attention_cap, 0);
  EXPECT_EQ(of("gemma3", {{"attn_logit_softcapping", 9}}).attention_cap, 9);
  EXPECT_EQ(of("gemma3_text", {{"final_logit_softcapping", 7}}).logit_cap, 7);

  for (const char* type : {"phi3", "olmo2", "stablelm"}) EXPECT_EQ(of(type).epsilon, 1e-5F) << type;
  for (const char* type : {"llama", "gemma2", "qwen3"}) EXPECT_EQ(of(type).epsilon, 1e-6F) << type;
  EXPECT_THAT(of("smollm3").rotary.table.periods[4], FloatEq(std::sqrt(2e6F)));
}

TEST(DecoderSpec, OtherHeadsAndOtherTurningsAreRefusedByName) {
  EXPECT_THAT(refusal({{"architectures", {"LlamaForSequenceClassification"}}}),
              HasSubstr("\"LlamaForSequenceClassification\" is not computed"));
  EXPECT_THAT(refusal({{"architectures", {1}}}), HasSubstr("a model that is 1"));
  EXPECT_THAT(refusal({{"architectures", "LlamaForCausalLM"}}), HasSubstr("not a list of texts"));
  EXPECT_EQ(refusal({{"architectures", {"LlamaForCausalLM"}}}), "");
  EXPECT_EQ(refusal({{"architectures", nullptr}, {"rope_traditional", false}}), "");
  EXPECT_THAT(refusal({{"rope_traditional", true}}), HasSubstr("rope_traditional"));
}

TEST(DecoderSpec, ErrorsOfLongValuesAreShort) {
  const std::string text(100'000, 'x');
  const json table{{"bits", 7}, {"group_size", 64}};
  for (const json& changes :
       {json{{"model_type", text}}, json{{"hidden_act", text}},
        json{{"layer_types", json(4, json{{"a", text}})}}, json{{"architectures", json(1, text)}},
        json{{"rope_scaling", {{"type", text}}}},
        json{{"quantization_config", {{"quant_method", text}}}},
        json{{"quantization", {{"mode", text}}}}, json{{"quantization", {{text, table}}}}}) {
    const std::string said = refusal(changes);
    EXPECT_THAT(said, HasSubstr("…"));
    EXPECT_LT(said.size(), 250);
  }
}

TEST(DecoderSpec, PackedFormsMayDifferByMatrix) {
  const DecoderSpec spec =
      spec_of(with(llama(), {{"quantization",
                              {{"bits", 4},
                               {"group_size", 64},
                               {"a", {{"bits", 6}, {"group_size", 32}}},
                               {"b", false},
                               {"open", {{"bits", 6}, {"group_size", nullptr}, {"mode", "affine"}}},
                               {"c", {{"mode", "mxfp4"}}}}}}));
  EXPECT_EQ(spec.form_of("other"), (PackedForm{PackedForm::Kind::affine, 4, 64}));
  EXPECT_EQ(spec.form_of("a"), (PackedForm{PackedForm::Kind::affine, 6, 32}));
  EXPECT_EQ(spec.form_of("open"), (PackedForm{PackedForm::Kind::affine, 6, 64}));
  EXPECT_EQ(spec.form_of("b"), std::nullopt);
  EXPECT_EQ(spec.form_of("c"), (PackedForm{PackedForm::Kind::mxfp4, 4, 32}));
  EXPECT_THAT(refusal({{"quantization", {{"bits", 7}, {"group_size", 64}}}}),
              HasSubstr("quantization to 7 bits"));
  EXPECT_THAT(refusal({{"quantization_config", {{"quant_method", "gptq"}, {"bits", 4}}}}),
              HasSubstr("\"gptq\""));
}

}  // namespace
}  // namespace tenfold
