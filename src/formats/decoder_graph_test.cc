#include "formats/decoder_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t any_size = OnnxValue::symbolic;

OnnxModel small() {
  OnnxModel model;
  model.inputs = {
      {"input_ids", OnnxType::int64, {any_size, any_size}},
      {"attention_mask", OnnxType::int64, {any_size, any_size}},
      {"past_key_values.0.key", OnnxType::float16, {any_size, 2, any_size, any_size}},
      {"past_key_values.0.value", OnnxType::float16, {any_size, 2, any_size, any_size}}};
  model.outputs = {{"logits", OnnxType::float32, {any_size, any_size, 100}},
                   {"present.0.key", OnnxType::float16, {any_size, 2, any_size, any_size}},
                   {"present.0.value", OnnxType::float16, {any_size, 2, any_size, any_size}}};
  return model;
}

OnnxNode attention() {
  return {"GroupQueryAttention",
          {"q", "k", "v", "past_key_values.0.key", "past_key_values.0.value"},
          {"o", "present.0.key", "present.0.value"},
          {{"local_window_size", 512}}};
}

const ModelSizes known_sizes{1024, 4, 32, 500};

DecoderGraph describe(const OnnxModel& model, const ModelSizes& known = known_sizes) {
  auto graph = describe_decoder(model, known, "m.onnx");
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  return graph.ok() ? std::move(graph).value() : DecoderGraph();
}

void expect_refused(const OnnxModel& model, const std::string& part,
                    const std::string& code = "unsupported",
                    const ModelSizes& known = known_sizes) {
  const auto graph = describe_decoder(model, known, "m.onnx");
  ASSERT_FALSE(graph.ok()) << part;
  EXPECT_EQ(to_string(graph.error().code), code);
  EXPECT_THAT(graph.error().message, HasSubstr("m.onnx"));
  EXPECT_THAT(graph.error().message, HasSubstr(part));
  EXPECT_FALSE(graph.error().hint.empty());
}

TEST(DecoderGraph, TakesModelSizesFromTheGraphFirst) {
  const DecoderGraph graph = describe(small());
  ASSERT_EQ(graph.cache.size(), 2U);
  EXPECT_EQ(graph.cache[1].present, "present.0.value");
  EXPECT_EQ(graph.cache[0].heads, 2) << "not the 4 of the configuration";
  EXPECT_EQ(graph.cache[0].head_size, 32) << "open in the graph";
  EXPECT_EQ(graph.vocabulary, 100);
  EXPECT_EQ(graph.tokens.name, "input_ids");
  EXPECT_TRUE(graph.mask.has_value());
  EXPECT_FALSE(graph.positions.has_value());
  EXPECT_FALSE(graph.last_logits_only);
}

TEST(DecoderGraph, GroupQueryAttentionWorksInPlace) {
  OnnxModel model = small();
  EXPECT_FALSE(describe(model).cache[0].in_place);
  model.nodes = {attention()};
  EXPECT_TRUE(describe(model).cache[0].in_place);
  EXPECT_TRUE(describe(model).cache[1].in_place);
  EXPECT_EQ(describe(model).least_capacity, 512);
  model.nodes[0].outputs[2] = "something else";
  EXPECT_FALSE(describe(model).cache[1].in_place);
}

TEST(DecoderGraph, KnowsOtherNamesOfPastAndPresent) {
  OnnxModel model = small();
  model.inputs[2].name = "past.0.key";
  model.outputs[2].name = "present_key_values.0.value";
  EXPECT_EQ(describe(model).cache[0].present, "present.0.key");
  EXPECT_EQ(describe(model).cache[1].present, "present_key_values.0.value");
}

OnnxModel with_two_tables() {
  OnnxModel model = small();
  OnnxNode node = attention();
  node.inputs.insert(node.inputs.end(), {"lengths", "total", "cos_cache", "sin_cache"});
  model.nodes = {{"Shape", {"attention_mask"}, {"sizes"}, {}},
                 {"Gather", {"sizes", "one"}, {"columns"}, {}},
                 {"Greater", {"columns", "limit"}, {"is_long"}, {}},
                 {"If", {"is_long"}, {"cos_cache", "sin_cache"}, {}},
                 node};
  model.whole_numbers = {{"one", 1}, {"limit", 4096}};
  return model;
}

TEST(DecoderGraph, FindsWhereTheTablesOfPositionsChange) {
  EXPECT_EQ(describe(small()).border.tokens, 0);
  OnnxModel model = with_two_tables();
  EXPECT_EQ(describe(model).border.tokens, 4096);
  EXPECT_TRUE(describe(model).border.by_mask);
  model.nodes[4].outputs[1] = "other";  // the mask has to fit the keys then
  EXPECT_FALSE(describe(model).border.by_mask);
  model = with_two_tables();
  model.inputs.push_back({"position_ids", OnnxType::int64, {any_size, any_size}});
  model.nodes[1] = {"ReduceMax", {"position_ids"}, {"columns"}, {}};
  EXPECT_FALSE(describe(model).border.by_mask);
  model = with_two_tables();
  model.nodes[3].outputs = {"cos_chosen", "sin_chosen"};
  model.nodes.push_back({"Cast", {"cos_chosen"}, {"cos_same"}, {}});
  model.nodes.push_back({"Identity", {"cos_same"}, {"cos_cache"}, {}});
  EXPECT_EQ(describe(model).border.tokens, 4096) << "in another type";
  model = with_two_tables();
  model.nodes[2].operation = "Xor";
  expect_refused(model, "tables of rotary positions in a way this engine does not know");
  model = small();
  model.inputs.push_back({"position_ids", OnnxType::int64, {any_size, any_size}});
  model.nodes = {{"ReduceMax", {"position_ids"}, {"last"}, {}},
                 {"GreaterOrEqual", {"last", "limit"}, {"is_long"}, {}}};
  model.whole_numbers = {{"limit", 4096}};
  EXPECT_EQ(describe(model).border.tokens, 4096);
  EXPECT_FALSE(describe(model).border.by_mask);
}

TEST(DecoderGraph, APairHasOneTableOfPositions) {
  const auto prompts_of = [](OnnxModel prompts, const OnnxModel& whole) {
    prompts.inputs.resize(2);
    const auto graph = describe_prompt_decoder(prompts, describe(whole), "p.onnx");
    return graph.ok() ? "" : graph.error().message;
  };
  EXPECT_EQ(prompts_of(small(), small()), "");
  const auto refusal = HasSubstr("p.onnx is of a pair that chooses between tables of rotary");
  EXPECT_THAT(prompts_of(small(), with_two_tables()), refusal);
  EXPECT_THAT(prompts_of(with_two_tables(), small()), refusal);
}

TEST(DecoderGraph, KnowsAMergedDecoder) {
  OnnxModel model = small();
  EXPECT_FALSE(describe(model).with_cache.has_value());
  model.inputs.push_back({"use_cache_branch", OnnxType::boolean, {1}});
  EXPECT_TRUE(describe(model).with_cache.has_value());
  model.inputs.back().type = OnnxType::int64;
  expect_refused(model, "use_cache_branch");
}

TEST(DecoderGraph, RefusesOtherGraphsByName) {
  expect_refused({}, "no input input_ids");
  OnnxModel model = small();
  model.inputs.resize(2);
  expect_refused(model, "reads prompts only");
  model.outputs.resize(1);
  expect_refused(model, "no KV cache");
  model = small();
  model.inputs.push_back({"pixel_values", OnnxType::float32, {any_size, 3, 224, 224}});
  expect_refused(model, "pixel_values (float32 ? x 3 x 224 x 224)");
  model = small();
  model.inputs.push_back({"past_conv.0", OnnxType::float32, {any_size, 64, 3}});
  expect_refused(model, "past_conv.0");
  model = small();
  model.outputs[1].name = "other";
  expect_refused(model, "past_key_values.0.key");
  model = small();
  model.outputs.erase(model.outputs.begin());
  expect_refused(model, "no output logits");
}

TEST(DecoderGraph, RefusesOtherFormsByName) {
  const auto changed = [](const auto& change) {
    OnnxModel model = small();
    change(model);
    return model;
  };
  expect_refused(changed([](OnnxModel& m) { m.inputs[0].type = OnnxType::float32; }), "input_ids");
  expect_refused(changed([](OnnxModel& m) { m.inputs[0].shape = {1, 128}; }), "1 x 128");
  expect_refused(changed([](OnnxModel& m) {
                   m.inputs[1].shape = {any_size, 1, 1, any_size};
                 }),
                 "attention_mask");
  expect_refused(changed([](OnnxModel& m) { m.inputs[2].shape[0] = 8; }), "past_key_values.0.key");
  expect_refused(changed([](OnnxModel& m) { m.inputs[2].type = OnnxType::int8; }), "int8");
  expect_refused(changed([](OnnxModel& m) { m.inputs[2].shape[1] = 1 << 30; }),
                 "past_key_values.0.key");
  expect_refused(changed([](OnnxModel& m) { m.outputs[1].type = OnnxType::float32; }),
                 "past_key_values.0.key");
  expect_refused(changed([](OnnxModel& m) { m.outputs[0].shape = {any_size, 100}; }), "logits");
  expect_refused(changed([](OnnxModel& m) { m.outputs[0].shape[2] = std::int64_t{1} << 40; }),
                 "logits");
}

TEST(DecoderGraph, SaysWhichDimensionIsMissing) {
  expect_refused(small(), "the head size of past_key_values.0.key", "bad_model", {});
  OnnxModel model = small();
  model.outputs[0].shape[2] = any_size;
  EXPECT_EQ(describe(model).vocabulary, 500);
  expect_refused(model, "the vocabulary of logits", "bad_model", {1024, 4, 32, 0});
}

}  // namespace
}  // namespace tenfold
