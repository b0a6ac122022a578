#include "formats/decoder_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "formats/describe.h"

namespace tenfold {
namespace {

DecoderSpec spec() {
  DecoderSpec spec;
  spec.hidden = 64;
  spec.heads = 4;
  spec.cache_heads = 2;
  spec.head_size = 16;
  spec.feed_forward = 128;
  spec.vocabulary = 1000;
  spec.context = 4096;
  spec.layers.resize(3, {.window = 8});
  return spec;
}

TEST(DecoderMemory, CountsTheWholeContextOfEveryLayerInF32) {
  const MemoryEstimate need = estimate_decoder(5000, 1000, shape_of(spec()), {.context = 1000});
  EXPECT_EQ(need.weights, 5000U);
  EXPECT_EQ(need.cache, 3U * 1000 * 2 * (2 * 16) * 4);
}

TEST(DecoderMemory, AGreaterPieceOfAPromptNeedsMoreAndNoneIsLongerThanTheContext) {
  const auto compute = [&](std::int64_t chunk, std::int64_t context) {
    return estimate_decoder(0, 0, shape_of(spec()), {context, chunk}).compute;
  };
  EXPECT_GT(compute(512, 4096), compute(256, 4096));
  EXPECT_EQ(compute(512, 128), compute(256, 128));
}

TEST(DecoderMemory, OptionsOfTheLoadAreTaken) {
  LoadOptions load;
  EXPECT_EQ(decoder_load(load, 77).context, 77);
  EXPECT_EQ(decoder_load(load, 77).prefill_chunk, usual_prefill_chunk);
  EXPECT_FALSE(decoder_load(load, 77).copies_weights);
  load.engine_options["prefill_chunk"] = std::int64_t{9};
  load.engine_options["kernels"] = std::string("stock");
  EXPECT_EQ(decoder_load(load, 77).prefill_chunk, 9);
  EXPECT_TRUE(decoder_load(load, 77).copies_weights);
}

TEST(DecoderMemory, CopiesOfNumbersAreF32) {
  const auto weights = [&](std::uint64_t bytes) {
    return estimate_decoder(bytes, 1000, shape_of(spec()), {.context = 1, .copies_weights = true})
        .weights;
  };
  EXPECT_EQ(weights(2000), 4000U);
  EXPECT_EQ(weights(4000), 4000U);
  EXPECT_EQ(weights(560), 630U);
}

TEST(DecoderMemory, ALargeTokenizerMakesThePeakWhileItIsRead) {
  DecoderSpec large = spec();
  large.vocabulary = 262'144;
  const auto total = [&](std::uint64_t weights) {
    return estimate_decoder(weights, 0, shape_of(large), {.context = 100}).total();
  };
  EXPECT_EQ(total(1 << 20), total(2 << 20));
  EXPECT_GT(total(std::uint64_t{1} << 30), total(1 << 20) + (std::uint64_t{512} << 20));
}

TEST(DecoderMemory, AFolderIsDescribedByTheSameShape) {
  const ModelDescription model = *describe_model("tests/models/tiny-llama/mlx-4bit");
  ASSERT_TRUE(model.shape);
  EXPECT_EQ(model.shape->layers.size(), 4U);
  EXPECT_EQ(model.shape->vocabulary, 512);
  EXPECT_EQ(model.shape->layers[0].key_elements, model.sizes.cache_heads * model.sizes.head_size);
}

}  // namespace
}  // namespace tenfold
