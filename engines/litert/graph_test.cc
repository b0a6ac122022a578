// What signatures mean, and the choice of the next move.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/litert_graph.h"
#include "moves.h"
#include "testing/signatures.h"

namespace tenfold::litert {
namespace {

using testing::HasSubstr;

/// As litert-torch writes it.
Signature signature(const std::string& key, int length, int context = 64, int logit_rows = 0) {
  Signature made{key, 0, {}, {}};
  made.inputs = {
      tensor("kv_cache_v_0", {1, 2, 8, context}), tensor("tokens", {1, length}, Element::int32),
      tensor("input_pos", {length}, Element::int32), tensor("mask", {1, 1, length, context}),
      tensor("kv_cache_k_0", {1, 2, context, 8})};
  made.outputs = {made.inputs[4], made.inputs[0]};
  if (logit_rows > 0) made.outputs.push_back(tensor("logits", {1, logit_rows, 100}));
  return made;
}

std::vector<Signature> usual() {
  return {signature("prefill_16", 16), signature("decode", 1, 64, 1), signature("prefill_4", 4)};
}

Error refused(const std::vector<Signature>& signatures) {
  const auto graph = read_graph(signatures, 0, "m.tflite");
  EXPECT_FALSE(graph.ok());
  return graph.ok() ? Error() : graph.error();
}

TEST(Graph, ReadsTheUsualSignatures) {
  const auto graph = read_graph(usual(), 0, "m.tflite");
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_EQ(graph->context, 64);
  EXPECT_EQ(graph->vocabulary, 100);
  ASSERT_EQ(graph->states.size(), 2U);
  EXPECT_EQ(graph->states[0].name, "kv_cache_k_0");
  ASSERT_EQ(graph->prefills.size(), 2U);
  EXPECT_EQ(graph->prefills[0].length, 16);
  EXPECT_EQ(graph->prefills[0].logit_rows, 0);
  EXPECT_EQ(graph->decode.inputs[0].role, Role::state);
  EXPECT_EQ(graph->decode.inputs[0].state, 1U);
  EXPECT_EQ(graph->decode.outputs[0].state, 0U);
  EXPECT_EQ(graph->decode.outputs[2].role, Role::logits);
}

TEST(Graph, WithoutAMaskTheCacheTellsTheContext) {
  auto signatures = usual();
  for (Signature& one : signatures) {
    one.inputs.erase(one.inputs.begin() + 3);
    one.outputs.push_back(tensor("hidden", {1, 8}));
  }
  const auto graph = read_graph(signatures, 0, "m.tflite");
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_EQ(graph->context, 64);
  EXPECT_EQ(graph->decode.outputs.back().role, Role::unused);
}

TEST(Graph, OfSeveralCachesTakesTheSmallestThatFits) {
  const std::vector<Signature> signatures{
      signature("prefill_8_cache_64", 8, 64), signature("decode_cache_64", 1, 64, 1),
      signature("prefill_8_cache_128", 8, 128), signature("decode_cache_128", 1, 128, 1)};
  const auto context = [&](int wanted) {
    const auto graph = read_graph(signatures, wanted, "m.tflite");
    EXPECT_EQ(graph->largest_context, 128);
    EXPECT_EQ(graph->prefills.size(), 1U);
    EXPECT_TRUE(graph->prefills[0].key.ends_with(std::to_string(graph->context)));
    return graph->context;
  };
  EXPECT_EQ(context(0), 128);
  EXPECT_EQ(context(10), 64);
  EXPECT_EQ(context(64), 64);
  EXPECT_EQ(context(65), 128);
  EXPECT_EQ(context(1000), 128);
}

TEST(Graph, NamesWhatItDoesNotKnow) {
  auto signatures = usual();
  signatures[1].inputs.push_back(tensor("local_mask", {1, 1, 1, 32}));
  EXPECT_EQ(refused(signatures).code, ErrorCode::unsupported);
  EXPECT_THAT(refused(signatures).message,
              HasSubstr("m.tflite: local_mask of signature decode is an input of a kind"));
  signatures = usual();
  signatures[1].inputs[1].element = Element::float32;
  EXPECT_THAT(refused(signatures).message, HasSubstr("tokens of signature decode is not of type"));
  signatures = usual();
  signatures[1].inputs[2].dimensions = {2};
  EXPECT_THAT(refused(signatures).message, HasSubstr("input_pos of signature decode has 2"));
  signatures = usual();
  signatures[1].inputs[3].element = Element::float16;
  EXPECT_THAT(refused(signatures).message, HasSubstr("mask of signature decode is neither"));
  signatures = usual();
  signatures[0].inputs[1].dimensions = {1, -1};
  EXPECT_THAT(refused(signatures).message,
              HasSubstr("tokens of signature prefill_16 has no fixed"));
  for (const std::size_t input : {0, 1, 3}) {
    signatures = usual();
    signatures[1].inputs[input].dimensions = {};
    EXPECT_THAT(refused(signatures).message, HasSubstr("of signature decode has no fixed shape"));
  }
  signatures = usual();
  signatures[1].inputs.erase(signatures[1].inputs.begin() + 3);
  signatures[1].inputs[2].dimensions = {};
  signatures[1].outputs.push_back(signatures[1].inputs[2]);
  EXPECT_THAT(refused(signatures).message,
              HasSubstr("input_pos of signature decode has no fixed shape"));
  signatures = usual();
  signatures[1].outputs[2].dimensions = {};
  EXPECT_THAT(refused(signatures).message, HasSubstr("logits of signature decode has no fixed"));
  signatures = usual();
  signatures[1].outputs[2].dimensions = {1, 3, 100};
  EXPECT_THAT(refused(signatures).message,
              HasSubstr("logits of signature decode has an unexpected"));
  signatures = usual();
  signatures[1].outputs.push_back(tensor("logits", {1, 1, 8}));
  EXPECT_THAT(refused(signatures).message, HasSubstr("logits of signature decode is there twice"));
}

TEST(Graph, EverySignatureKnowsTheSameTokens) {
  auto signatures = usual();
  signatures[0] = signature("prefill_16", 16, 64, 16);
  EXPECT_TRUE(read_graph(signatures, 0, "m.tflite").ok());
  signatures[0].outputs[2].dimensions = {1, 16, 8};
  EXPECT_EQ(refused(signatures).code, ErrorCode::bad_model);
  EXPECT_THAT(refused(signatures).message,
              HasSubstr("signature prefill_16 gives logits of 8 tokens, signature decode of 100"));
}

TEST(Graph, ListsTheSignaturesOfOtherModels) {
  const Error error = refused({signature("prefill_16", 16), signature("serving_default", 1)});
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("only prefill_16, serving_default"));
  EXPECT_THAT(refused({}).message, HasSubstr("m.tflite is not a language model"));
}

/// "KEY×TOKENS:ROWS" of each move until nothing remains.
std::string moves(const Graph& graph, int position, int remaining, bool all_rows = false) {
  std::string text;
  while (remaining > 0) {
    const Move move = next_move(graph, position, remaining, all_rows);
    text +=
        move.step->key + "x" + std::to_string(move.tokens) + ":" + std::to_string(move.rows) + " ";
    position += move.tokens;
    remaining -= move.tokens;
  }
  return text;
}

TEST(Moves, LongPromptsGoThroughPrefillAndTheLastTokenThroughDecode) {
  const Graph graph = *read_graph(usual(), 0, "m");
  EXPECT_EQ(moves(graph, 0, 1), "decodex1:1 ");
  EXPECT_EQ(moves(graph, 0, 4), "prefill_4x3:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 0, 17), "prefill_16x16:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 0, 21), "prefill_16x16:0 prefill_4x4:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 0, 13), "prefill_16x12:0 decodex1:1 ");
}

TEST(Moves, PaddingStaysInsideTheCache) {
  const Graph graph = *read_graph(usual(), 0, "m");
  EXPECT_EQ(moves(graph, 48, 16), "prefill_16x15:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 50, 14),
            "prefill_4x4:0 prefill_4x4:0 prefill_4x4:0 decodex1:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 61, 3), "decodex1:0 decodex1:0 decodex1:1 ");
}

TEST(Moves, EveryRowOnlyFromStepsThatGiveIt) {
  const Graph graph = *read_graph(usual(), 0, "m");
  EXPECT_EQ(moves(graph, 0, 2, true), "decodex1:1 decodex1:1 ");
  const Graph every_row =
      *read_graph({signature("prefill_4", 4, 64, 4), signature("decode", 1, 64, 1)}, 0, "m");
  EXPECT_EQ(moves(every_row, 0, 6, true), "prefill_4x4:4 prefill_4x2:2 ");
  EXPECT_EQ(moves(every_row, 0, 6), "prefill_4x4:0 prefill_4x2:1 ");
}

TEST(Moves, TheLastRowOfAFullPrefillIsUsed) {
  const Graph graph =
      *read_graph({signature("prefill_4", 4, 64, 1), signature("decode", 1, 64, 1)}, 0, "m");
  EXPECT_EQ(moves(graph, 0, 4), "prefill_4x4:1 ");
  EXPECT_EQ(moves(graph, 0, 3), "prefill_4x2:0 decodex1:1 ");
  EXPECT_EQ(moves(graph, 0, 8), "prefill_4x4:0 prefill_4x4:1 ");
}

}  // namespace
}  // namespace tenfold::litert
