// The cache formula is exact; the rest is compared with measured figures.
#include "formats/estimate.h"

#include <gtest/gtest.h>

#include "formats/gguf_shape.h"

namespace tenfold {
namespace {

GgufModel model(const std::string& architecture,
                const std::map<std::string, GgufValue, std::less<>>& values,
                std::int64_t layers = 4) {
  GgufModel model;
  model.architecture = architecture;
  model.files = {"m.gguf"};
  model.header.metadata = {{architecture + ".block_count", layers},
                           {architecture + ".embedding_length", std::int64_t{64}},
                           {architecture + ".context_length", std::int64_t{4096}}};
  for (const auto& [key, value] : values) {
    model.header.metadata[architecture + "." + key] = value;
  }
  return model;
}

std::uint64_t cache(const GgufModel& model, const CacheSettings& settings) {
  const auto shape = read_shape(model);
  EXPECT_TRUE(shape.ok()) << shape.error().message;
  return estimate_memory(model.tensor_bytes, *shape, settings).cache;
}

TEST(Estimate, CountsKeyAndValueOfEveryLayer) {
  const auto llama = model("llama", {{"attention.head_count", std::int64_t{8}},
                                     {"attention.head_count_kv", std::int64_t{2}}});
  // 4 layers × 1024 tokens × 2 heads × 8 wide × (2 + 2) bytes
  EXPECT_EQ(cache(llama, {.context = 1000}), 4U * 1024 * 16 * 4);
  EXPECT_EQ(cache(llama, {.context = 1024, .sequences = 3}), 3U * 4 * 1024 * 16 * 4);
  EXPECT_EQ(cache(llama, {.context = 1024, .key_type = "q8_0", .value_type = "f32"}),
            4U * 1024 * 16 * 34 / 32 + 4U * 1024 * 16 * 4);
}

TEST(Estimate, KeepsOnlyTheWindowOfSlidingLayers) {
  auto gemma = model("gemma3",
                     {{"attention.head_count", std::int64_t{4}},
                      {"attention.head_count_kv", std::int64_t{1}},
                      {"attention.key_length", std::int64_t{16}},
                      {"attention.value_length", std::int64_t{16}},
                      {"attention.sliding_window", std::int64_t{512}}},
                     6);
  // Five of six layers hold 512 + 512 tokens, one all 4096.
  EXPECT_EQ(cache(gemma, {.context = 4096}), (5U * 1024 + 4096) * 16 * 4);
  gemma.header.metadata["gemma3.attention.sliding_window_pattern"] =
      GgufArray{GgufType::boolean, 6, {1, 0, 0, 0, 0, 0}};
  EXPECT_EQ(cache(gemma, {.context = 4096}), (1024 + 5U * 4096) * 16 * 4);
}

TEST(Estimate, CountsRecurrentStateOnce) {
  const auto mamba = model("mamba", {{"ssm.conv_kernel", std::int64_t{4}},
                                     {"ssm.inner_size", std::int64_t{128}},
                                     {"ssm.state_size", std::int64_t{16}},
                                     {"ssm.group_count", std::int64_t{0}}});
  EXPECT_EQ(cache(mamba, {.context = 4096}), 4U * (3 * 128 + 16 * 128) * 4);
  EXPECT_EQ(cache(mamba, {.context = 4096}), cache(mamba, {.context = 256}));
  const auto rwkv = model("rwkv6", {{"wkv.head_size", std::int64_t{32}}});
  EXPECT_EQ(cache(rwkv, {.context = 256}), 4U * 64 * (2 + 32) * 4);
  const auto hybrid =
      model("lfm2", {{"attention.head_count", std::int64_t{4}},
                     {"attention.head_count_kv", GgufArray{GgufType::int32, 4, {0, 0, 2, 0}}},
                     {"shortconv.l_cache", std::int64_t{3}}});
  EXPECT_EQ(cache(hybrid, {.context = 256}), 256U * 32 * 4 + 3U * 64 * 2 * 4);
}

TEST(Estimate, IsCloseToMeasuredPeaks) {
  // SmolLM2-135M Q4_1 in llama.cpp 0.6.0 after filling the context: peak resident MiB.
  GgufModel smol = model("llama",
                         {{"attention.head_count", std::int64_t{9}},
                          {"attention.head_count_kv", std::int64_t{3}},
                          {"feed_forward_length", std::int64_t{1536}}},
                         30);
  smol.header.metadata["llama.embedding_length"] = std::int64_t{576};
  smol.header.metadata["llama.context_length"] = std::int64_t{8192};
  smol.header.metadata["tokenizer.ggml.tokens"] = GgufArray{GgufType::string, 49152, {}};
  smol.header.metadata["tokenizer.ggml.merges"] = GgufArray{GgufType::string, 48900, {}};
  smol.tensor_bytes = 96'570'000;
  const auto shape = read_shape(smol);
  ASSERT_TRUE(shape.ok());
  const auto total = [&](int context, int sequences) {
    const auto estimate =
        estimate_memory(smol.tensor_bytes, *shape, {.context = context, .sequences = sequences});
    return static_cast<double>(estimate.total()) / (1024 * 1024);
  };
  EXPECT_NEAR(total(2048, 1), 181, 181 * 0.1);
  EXPECT_NEAR(total(8192, 1), 323, 323 * 0.1);
  EXPECT_NEAR(total(2048, 4), 318, 318 * 0.1);
}

TEST(Estimate, LayersElsewhereNeedNothingHere) {
  ModelShape shape;
  shape.layers.resize(4);
  const MemoryEstimate whole{1000, 400, 30, 7};
  const auto local = [&](std::int64_t remote) { return local_part(whole, shape, remote); };
  EXPECT_EQ(local(-1).total(), 37U);
  EXPECT_EQ(local(99).total(), 37U);
  EXPECT_EQ(local(5).weights, 0U);
  EXPECT_EQ(local(2).weights, 750U) << "the output and one layer are elsewhere";
  EXPECT_EQ(local(2).cache, 300U);
  EXPECT_EQ(local(0).total(), whole.total());
}

TEST(Estimate, DoesNotOverflow) {
  const auto huge = model("llama",
                          {{"attention.head_count", std::int64_t{1}},
                           {"attention.head_count_kv", std::int64_t{16}},
                           {"attention.key_length", std::int64_t{1 << 20}}},
                          512);
  EXPECT_GT(cache(huge, {.context = 1 << 28, .sequences = 256}), std::uint64_t{1} << 60);
}

}  // namespace
}  // namespace tenfold
