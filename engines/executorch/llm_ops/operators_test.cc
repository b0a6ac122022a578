// The operators that write caches and rotate, and the refusal of arguments that do not fit.
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "formats/pte_program.h"
#include "testing/operator_call.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::Half;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr const char* sdpa = "llama::custom_sdpa.out";
constexpr const char* cache_update = "llama::update_cache.out";
constexpr const char* hadamard = "llama::fast_hadamard_transform.out";

TensorPtr zeros(const std::vector<std::int32_t>& sizes) {
  std::size_t count = 1;
  for (const auto size : sizes) count *= static_cast<std::size_t>(size);
  return tensor(sizes, std::vector<float>(count));
}

TEST(Operators, AreThoseThatFilesAreCheckedFor) {
  ASSERT_TRUE(register_llm_operators().ok());
  std::vector<std::string> here;
  for (const auto& kernel : ::executorch::runtime::get_registered_kernels()) {
    if (std::string(kernel.name_).starts_with("llama::")) here.emplace_back(kernel.name_);
  }
  EXPECT_THAT(here, testing::UnorderedElementsAreArray(pte_llm_operators));
}

TEST(UpdateCache, WritesFromAPositionOn) {
  const auto cache = zeros({1, 4, 1, 2});
  EXPECT_EQ(call(cache_update, {*tensor<float>({1, 2, 1, 2}, {1, 2, 3, 4}), *cache, std::int64_t{1},
                                *zeros({1})}),
            "");
  EXPECT_THAT(floats(cache), ElementsAre(0, 0, 1, 2, 3, 4, 0, 0));
}

TEST(UpdateCache, WritesEveryBatchAndType) {
  const auto cache = tensor({2, 3, 1, 1}, std::vector<std::int8_t>(6));
  EXPECT_EQ(call(cache_update, {*tensor<std::int8_t>({2, 1, 1, 1}, {5, 6}), *cache, std::int64_t{2},
                                *zeros({1})}),
            "");
  const auto* data = cache->const_data_ptr<std::int8_t>();
  EXPECT_THAT(std::vector(data, data + 6), ElementsAre(0, 0, 5, 0, 0, 6));
}

TEST(UpdateCache, WritesToPositionsByName) {
  const auto cache = zeros({1, 3, 1, 1});
  const auto value = tensor<float>({1, 2, 1, 1}, {8, 9});
  const auto at = [&](std::vector<std::int64_t> places) {
    const auto indices = tensor<std::int64_t>({1, 2}, std::move(places));
    return call("llama::update_cache_with_indices.out",
                {*value, *cache, std::int64_t{0}, *indices, *zeros({1})});
  };
  EXPECT_EQ(at({2, 0}), "");
  EXPECT_THAT(floats(cache), ElementsAre(9, 0, 8));
  EXPECT_THAT(at({1, 3}), HasSubstr("names position 3, but the cache has 3"));
  EXPECT_THAT(at({-1, 0}), HasSubstr("names position -1"));
}

TEST(UpdateCache, RefusesWhatDoesNotFit) {
  const auto cache = zeros({1, 4, 1, 2});
  const auto value = zeros({1, 2, 1, 2});
  const auto with = [&](EValue what, EValue where, EValue start) {
    return call(cache_update, {std::move(what), std::move(where), std::move(start), *zeros({1})});
  };
  for (const std::int64_t start : {std::int64_t{-1}, std::int64_t{3}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(with(*value, *cache, start), HasSubstr("start_pos is")) << start;
  }
  EXPECT_THAT(with(*zeros({1, 5, 1, 2}), *cache, std::int64_t{0}), HasSubstr("start_pos is 0"));
  EXPECT_THAT(with(*zeros({1, 2, 1, 3}), *cache, std::int64_t{0}),
              HasSubstr("value has 3 in dimension 3, where the cache has 2"));
  EXPECT_THAT(with(*zeros({1, 2, 2}), *cache, std::int64_t{0}), HasSubstr("3 dimensions, not 4"));
  EXPECT_THAT(with(*zeros({1, 0, 1, 2}), *cache, std::int64_t{0}), HasSubstr("value is empty"));
  EXPECT_THAT(with(*tensor({1, 2, 1, 2}, std::vector<std::int8_t>(4)), *cache, std::int64_t{0}),
              HasSubstr("another type than the cache"));
  EXPECT_THAT(with(*value, std::int64_t{7}, std::int64_t{0}), HasSubstr("cache is no tensor"));
  EXPECT_THAT(with(*value, *cache, 0.5), HasSubstr("start_pos is no whole number"));
  EXPECT_THAT(call(cache_update, {*value, *cache}), HasSubstr("2 arguments instead of 4"));
}

/// The arguments of a good call of custom_sdpa, in their places.
std::vector<EValue> good() {
  static const auto query = zeros({1, 2, 4, 8});
  static const auto keys = zeros({1, 6, 2, 8});
  static const auto values = zeros({1, 6, 2, 8});
  static const auto out = zeros({1, 2, 4, 8});
  return {*query, *keys, *values, std::int64_t{1}, EValue(), 0.0, true, EValue(), *out};
}

TEST(Sdpa, RefusesWhatDoesNotFit) {
  ASSERT_EQ(call(sdpa, good()), "");
  const auto with = [](std::size_t place, EValue value) {
    auto arguments = good();
    arguments[place] = std::move(value);
    return call(sdpa, std::move(arguments));
  };
  for (std::size_t place = 0; place < 9; ++place) {
    if (place == 5) continue;  // the share of weights to drop means nothing when a model answers
    EXPECT_NE(with(place, place == 7 ? EValue(true) : EValue(0.5)), "") << place;
    if (place == 4 || place == 7) continue;  // these may be None
    EXPECT_NE(with(place, EValue()), "") << place;
  }
  for (const std::int64_t start : {std::int64_t{-1}, std::int64_t{5}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(with(3, start), HasSubstr("start_pos is")) << start;
  }
  const auto half = tensor({1, 6, 2, 8}, std::vector<Half>(96));
  const auto ints = tensor({1, 6, 2, 8}, std::vector<std::int32_t>(96));
  const auto bytes = tensor({1, 2, 4, 8}, std::vector<std::int8_t>(64));
  EXPECT_THAT(with(1, *half), HasSubstr("key_cache is of another type"));
  EXPECT_THAT(with(2, *ints), HasSubstr("value_cache is of another type"));
  EXPECT_THAT(with(0, *bytes), HasSubstr("query is quantized"));
  EXPECT_THAT(with(8, *bytes), HasSubstr("out is of another type"));
  EXPECT_THAT(with(8, *zeros({1, 1, 4, 8})), HasSubstr("out cannot take the shape"));
  EXPECT_THAT(with(1, *zeros({1, 6, 3, 8})), HasSubstr("value_cache has another shape"));
  EXPECT_THAT(with(2, *zeros({1, 5, 2, 8})), HasSubstr("value_cache has another shape"));
  EXPECT_THAT(with(1, *zeros({1, 6, 2, 4})), HasSubstr("another batch or head size"));
  EXPECT_THAT(with(1, *zeros({2, 6, 2, 8})), HasSubstr("another batch or head size"));
  EXPECT_THAT(with(0, *zeros({2, 4, 8})), HasSubstr("cannot take the shape"));
}

TEST(Sdpa, RefusesHeadsThatDoNotShareKeys) {
  auto arguments = good();
  const auto keys = zeros({1, 6, 3, 8});
  arguments[1] = EValue(*keys);
  arguments[2] = EValue(*keys);
  EXPECT_THAT(call(sdpa, arguments), HasSubstr("has 3 heads, of which 4 are no multiple"));
}

TEST(Sdpa, RefusesMasksThatDoNotFit) {
  auto arguments = good();
  const auto with = [&](EValue mask) {
    arguments[4] = std::move(mask);
    return call(sdpa, arguments);
  };
  EXPECT_THAT(with(*zeros({2, 6})), HasSubstr("attn_mask is given with is_causal"));
  arguments[6] = EValue(false);
  EXPECT_EQ(with(*zeros({2, 6})), "");
  EXPECT_THAT(with(*zeros({1, 6})), HasSubstr("no row for each of 2 positions"));
  EXPECT_THAT(with(*zeros({2, 7})), HasSubstr("has 7 columns, but the cache 6 positions"));
  EXPECT_THAT(with(*zeros({2, 0})), HasSubstr("has 0 columns"));
  EXPECT_THAT(with(*tensor({2, 6}, std::vector<std::int8_t>(12))), HasSubstr("attn_mask is of"));
}

TEST(Sdpa, AnOutputThatIsAnInputIsNoWayOut) {
  auto arguments = good();
  const auto cache = zeros({1, 6, 2, 8});
  arguments[1] = arguments[2] = arguments[8] = EValue(*cache);
  EXPECT_NE(call(sdpa, arguments), "");
}

TEST(Sdpa, RefusesScalesThatDoNotFit) {
  const auto query = tensor({1, 2, 4, 8}, std::vector<std::int8_t>(64));
  const auto cache = tensor({1, 6, 2, 8}, std::vector<std::int8_t>(96));
  const auto zero = [](int count) {
    return tensor({1, count, 1, 1}, std::vector<std::int8_t>(static_cast<std::size_t>(count)));
  };
  const auto points = zero(8), cached_points = zero(12);
  const auto scales = zeros({1, 8, 1, 1}), cached_scales = zeros({1, 12, 1, 1});
  const auto out = zeros({1, 2, 4, 8});
  const std::vector<EValue> fit{*query,         *cache,
                                *cache,         std::int64_t{0},
                                EValue(),       0.0,
                                true,           EValue(),
                                *points,        *scales,
                                *cached_points, *cached_scales,
                                *cached_points, *cached_scales,
                                false,          *out};
  const char* quantized = "llama::custom_quantized_sdpa.out";
  EXPECT_EQ(call(quantized, fit), "");
  const auto other_points = zero(3);
  const auto other_scales = zeros({1, 3, 1, 1});
  for (std::size_t place = 8; place < 14; ++place) {
    for (const EValue& other : {EValue(*other_points), EValue(*other_scales), EValue()}) {
      auto arguments = fit;
      arguments[place] = other;
      EXPECT_NE(call(quantized, arguments), "") << place;
    }
  }
}

TEST(Hadamard, TransformsRowsOfPowersOfTwo) {
  const auto out = zeros({2, 4});
  EXPECT_EQ(call(hadamard, {*tensor<float>({2, 4}, {1, 2, 3, 4, 0, 0, 0, 8}), *out}), "");
  EXPECT_THAT(floats(out), ElementsAre(5, -1, -2, 0, 4, -4, -4, 4));
  const auto half = tensor({2}, std::vector<Half>(2));
  EXPECT_EQ(call(hadamard, {*tensor<Half>({2}, {Half(3.F), Half(3.F)}), *half}), "");
  EXPECT_NEAR(static_cast<float>(half->const_data_ptr<Half>()[0]), 6 / std::sqrt(2.F), 4e-3);
}

TEST(Hadamard, TransformsRowsOfTwentyEightTimesThose) {
  // The package's own library gives these for ten numbers of a row of 0, 1, 2 … 55.
  std::vector<float> row(56);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i);
  const auto out = zeros({1, 56});
  EXPECT_EQ(call(hadamard, {*tensor({1, 56}, row), *out}), "");
  const auto got = floats(out);
  EXPECT_THAT(std::vector(got.begin(), got.begin() + 10),
              Pointwise(FloatNear(1e-3F),
                        std::vector<float>{-243.2447F, 5.6569F, -226.2742F, 5.6569F, -209.3036F,
                                           5.6569F, -192.3330F, 5.6569F, -175.3625F, 5.6569F}));
  // Orthogonal rows: the sum of squares is kept, times 28.
  double before = 0, after = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    before += row[i] * row[i];
    after += got[i] * got[i];
  }
  EXPECT_NEAR(after / before, 28, 1e-3);
}

TEST(Hadamard, RefusesOtherSizes) {
  EXPECT_THAT(call(hadamard, {*zeros({12}), *zeros({12})}), HasSubstr("rows of 12 numbers"));
  EXPECT_THAT(call(hadamard, {*zeros({2, 0}), *zeros({2, 0})}), HasSubstr("mat is empty"));
  EXPECT_THAT(call(hadamard, {*zeros({4}), *zeros({2})}), HasSubstr("cannot take the shape"));
  EXPECT_THAT(call(hadamard, {*tensor({4}, std::vector<std::int32_t>(4)), *zeros({4})}),
              HasSubstr("neither of f32 nor of f16"));
}

}  // namespace
}  // namespace tenfold::executorch
