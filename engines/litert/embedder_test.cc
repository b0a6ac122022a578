// What makes the rows that a model takes in place of token ids: which is taken, which refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/litert_embedder.h"
#include "testing/signatures.h"

namespace tenfold::litert {
namespace {

using testing::HasSubstr;

/// As litert-torch writes it for Gemma 3n and 4: rows of 8, and 3 layers of 2.
Signature step(const std::string& key, int length) {
  Signature made{key, 0, {}, {}};
  made.inputs = {tensor("embeddings", {1, length, 8}),
                 tensor("per_layer_embeddings", {1, length, 3, 2}),
                 tensor("input_pos", {length}, Element::int32), tensor("mask", {1, 1, length, 64}),
                 tensor("kv_cache_k_0", {1, 2, 64, 8})};
  made.outputs = {made.inputs[4]};
  if (key == "decode") made.outputs.push_back(tensor("logits", {1, 1, 100}));
  return made;
}

Result<Graph> read(const std::vector<Signature>& signatures) {
  return read_graph(signatures, 0, "m.litertlm");
}

Signature lookup(const std::string& key, int length, std::vector<std::int32_t> row) {
  row.insert(row.begin(), {1, length});
  return {key,
          0,
          {tensor("token_ids", {1, length}, Element::int32)},
          {tensor("embeddings", std::move(row))}};
}

EmbedderSignatures usual_embedders() {
  return {{{lookup("prefill_embedder_4", 4, {8}), lookup("decode_embedder", 1, {8})}},
          {{lookup("per_layer_embedder", 1, {3, 2})}}};
}

std::string refusal(const Graph& graph, const EmbedderSignatures& signatures) {
  const auto matched = match_embedders(graph, signatures, "m.litertlm");
  EXPECT_FALSE(matched.ok());
  if (matched.ok()) return {};
  EXPECT_EQ(matched.error().code, ErrorCode::unsupported);
  return matched.error().message;
}

TEST(Embedders, MakeTheRowsThatAModelTakes) {
  const auto graph = read({step("prefill_4", 4), step("decode", 1)});
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_EQ(graph->decode.length, 1);
  EXPECT_EQ(graph->decode.embedding_row, (std::vector<std::int32_t>{8}));
  EXPECT_EQ(graph->decode.per_layer_row, (std::vector<std::int32_t>{3, 2}));
  ASSERT_EQ(graph->prefills.size(), 1U);
  EXPECT_EQ(graph->prefills[0].length, 4);
  const auto matched = match_embedders(*graph, usual_embedders(), "m.litertlm");
  ASSERT_TRUE(matched.ok()) << matched.error().message;
  ASSERT_TRUE(matched->embedder && matched->per_layer);
  EXPECT_EQ(matched->embedder->width, 8U);
  ASSERT_EQ(matched->embedder->lookups.size(), 2U);
  EXPECT_EQ(matched->embedder->lookups[0].key, "decode_embedder");
  EXPECT_EQ(matched->embedder->lookups[1].length, 4);
  EXPECT_EQ(matched->per_layer->width, 6U);
}

TEST(Embedders, AreNotNeededByAModelThatTakesIds) {
  Signature decode = step("decode", 1);
  decode.inputs.erase(decode.inputs.begin(), decode.inputs.begin() + 2);
  decode.inputs.push_back(tensor("tokens", {1, 1}, Element::int32));
  const auto graph = read({decode});
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  const auto matched = match_embedders(*graph, usual_embedders(), "m.litertlm");
  ASSERT_TRUE(matched.ok()) << matched.error().message;
  EXPECT_FALSE(matched->embedder || matched->per_layer);
}

TEST(Embedders, AreNamedWhereTheyAreMissingOrOthers) {
  const Graph graph = *read({step("decode", 1)});
  EXPECT_THAT(refusal(graph, {}), HasSubstr("(tf_lite_embedder), but there is none"));
  EmbedderSignatures signatures = usual_embedders();
  signatures.per_layer.reset();
  EXPECT_THAT(refusal(graph, signatures),
              HasSubstr("(tf_lite_per_layer_embedder), but there is none"));
  signatures = usual_embedders();
  signatures.embedder->at(1) = lookup("decode_embedder", 1, {16});
  EXPECT_THAT(refusal(graph, signatures),
              HasSubstr("m.litertlm: signature decode_embedder of its tf_lite_embedder makes "
                        "1 × 1 × 16 numbers, but its model takes 1 × 1 × 8"));
  signatures = usual_embedders();
  signatures.per_layer->at(0).inputs[0].element = Element::float32;
  EXPECT_THAT(refusal(graph, signatures),
              HasSubstr("its tf_lite_per_layer_embedder has no signature with token ids in"));
  signatures = usual_embedders();
  signatures.per_layer->at(0).outputs[0].dimensions = {1, 1, -1, 2};
  EXPECT_THAT(refusal(graph, signatures), HasSubstr("rows of float32 out"));
  signatures.per_layer->at(0) = lookup("per_layer_embedder", 1, {6});
  EXPECT_THAT(refusal(graph, signatures), HasSubstr("but its model takes 1 × 1 × 3 × 2"));
  signatures.per_layer->clear();
  EXPECT_THAT(refusal(graph, signatures), HasSubstr("rows of float32 out"));
}

TEST(Embedders, NeedRowsThatStandForTokens) {
  const auto refused = [](std::size_t input, const Tensor& tensor) {
    Signature decode = step("decode", 1);
    decode.inputs[input] = tensor;
    const auto graph = read({decode});
    EXPECT_FALSE(graph.ok());
    return graph.ok() ? "" : graph.error().message;
  };
  EXPECT_THAT(refused(0, tensor("embeddings", {1, 8})),
              HasSubstr("embeddings of signature decode has not one row for each token"));
  EXPECT_THAT(refused(0, tensor("embeddings", {2, 1, 8})), HasSubstr("has not one row"));
  EXPECT_THAT(refused(0, tensor("embeddings", {1, 1, 8}, Element::float16)),
              HasSubstr("is not of type float32"));
  EXPECT_THAT(refused(1, tensor("per_layer_embeddings", {1, 2, 3, 2})),
              HasSubstr("per_layer_embeddings of signature decode is for 2 tokens, another input "
                        "for 1"));
  EXPECT_THAT(refused(1, tensor("per_layer_embeddings", {1, 1 << 21, 1})),
              HasSubstr("is too large"));
}

}  // namespace
}  // namespace tenfold::litert
