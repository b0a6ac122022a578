// Attention against the plain formula, in every form that programs ask for.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "testing/operator_call.h"
#include "threads.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::BFloat16;
using ::executorch::aten::Half;
using ::testing::FloatNear;
using ::testing::Pointwise;

struct Shape {
  int batches = 1, positions = 1, heads = 4, key_heads = 2, width = 32, cached = 64, start = 0;
};

/// One case: what is asked, and what the formula gives for it.
class Case {
 public:
  explicit Case(const Shape& shape) : s(shape) {
    query = some_numbers(count(s.positions, s.heads), 1);
    keys = some_numbers(count(s.cached, s.key_heads), 2);
    values = some_numbers(count(s.cached, s.key_heads), 3);
  }

  [[nodiscard]] std::size_t count(int positions, int heads) const {
    return static_cast<std::size_t>(s.batches * positions * heads * s.width);
  }
  [[nodiscard]] std::vector<std::int32_t> query_sizes() const {
    return {s.batches, s.positions, s.heads, s.width};
  }
  [[nodiscard]] std::vector<std::int32_t> cache_sizes() const {
    return {s.batches, s.cached, s.key_heads, s.width};
  }

  [[nodiscard]] std::vector<float> want() const {
    std::vector<float> out(query.size());
    const double factor = scale.value_or(1 / std::sqrt(static_cast<double>(s.width)));
    const int seen = mask.empty() ? s.start + s.positions : s.cached;
    for (int b = 0; b < s.batches; ++b) {
      for (int i = 0; i < s.positions; ++i) {
        for (int h = 0; h < s.heads; ++h) {
          const float* q =
              &query[static_cast<std::size_t>(((b * s.positions + i) * s.heads + h) * s.width)];
          std::vector<double> weights;
          double sum = 0;
          for (int j = 0; j < (causal ? s.start + i + 1 : seen); ++j) {
            double dot = 0;
            for (int e = 0; e < s.width; ++e) dot += q[e] * cached(keys, b, j, h, e);
            dot *= factor;
            if (!mask.empty()) dot += mask[static_cast<std::size_t>(i * s.cached + j)];
            weights.push_back(std::exp(dot));
            sum += weights.back();
          }
          for (int e = 0; e < s.width; ++e) {
            double value = 0;
            for (int j = 0; j < static_cast<int>(weights.size()); ++j) {
              value += weights[static_cast<std::size_t>(j)] * cached(values, b, j, h, e);
            }
            out[static_cast<std::size_t>(q - query.data() + e)] =
                static_cast<float>(sum > 0 ? value / sum : 0);
          }
        }
      }
    }
    return out;
  }

  /// custom_sdpa() with all tensors of type T.
  template <typename T = float>
  [[nodiscard]] std::vector<float> got() const {
    const auto out = tensor(query_sizes(), std::vector<T>(query.size()));
    const TensorPtr masked = mask.empty() ? nullptr : tensor<float>({s.positions, s.cached}, mask);
    EXPECT_EQ(call("llama::custom_sdpa.out",
                   {*tensor(query_sizes(), as<T>(query)), *tensor(cache_sizes(), as<T>(keys)),
                    *tensor(cache_sizes(), as<T>(values)), std::int64_t{s.start},
                    masked ? EValue(*masked) : EValue(), 0.0, causal,
                    scale ? EValue(*scale) : EValue(), *out}),
              "");
    const T* data = out->template const_data_ptr<T>();
    return {data, data + out->numel()};
  }

  template <typename T>
  static std::vector<T> as(const std::vector<float>& numbers) {
    return {numbers.begin(), numbers.end()};
  }

  Shape s;
  bool causal = true;
  std::vector<float> query, keys, values, mask;
  std::optional<double> scale;

 private:
  [[nodiscard]] double cached(const std::vector<float>& cache, int b, int j, int h, int e) const {
    const int head = h / (s.heads / s.key_heads);
    return cache[static_cast<std::size_t>(((b * s.cached + j) * s.key_heads + head) * s.width + e)];
  }
};

TEST(Sdpa, GivesWhatTheFormulaDoes) {
  const Shape shapes[] = {
      {},
      {.start = 63},
      {.positions = 5, .start = 3},
      {.positions = 40, .heads = 2, .key_heads = 1, .width = 8},
      {.positions = 13, .heads = 6, .key_heads = 1, .width = 20, .cached = 100, .start = 80},
      {.positions = 2, .heads = 3, .key_heads = 3, .width = 7, .cached = 9, .start = 7},
      {.batches = 2, .positions = 3, .heads = 8, .key_heads = 2, .width = 16, .start = 5},
      {.heads = 3, .key_heads = 1, .width = 16, .cached = 900, .start = 800},
      {.positions = 70, .heads = 1, .key_heads = 1, .width = 4, .cached = 330, .start = 260},
  };
  for (const Shape& shape : shapes) {
    for (const bool causal : {true, false}) {
      Case one(shape);
      one.causal = causal;
      const auto want = one.want();
      for (const int threads : {1, 3}) {
        const auto held = hold_threads(threads);
        ASSERT_TRUE(held.ok());
        EXPECT_THAT(one.got(), Pointwise(FloatNear(2e-6F), want))
            << shape.positions << " queries from " << shape.start << ", " << threads << " threads";
      }
    }
  }
}

TEST(Sdpa, TakesAScaleAndAMask) {
  Case one({.positions = 20, .width = 8, .cached = 300, .start = 250});
  one.causal = false;
  one.scale = 0.7;
  EXPECT_THAT(one.got(), Pointwise(FloatNear(2e-6F), one.want()));
  one.mask = some_numbers(20 * 300, 4);
  EXPECT_THAT(one.got(), Pointwise(FloatNear(2e-6F), one.want()));
  one.s.start = 5000;  // of a ring buffer
  EXPECT_THAT(one.got(), Pointwise(FloatNear(2e-6F), one.want()));
}

TEST(Sdpa, AMaskHidesKeysOrAll) {
  constexpr float hidden = -std::numeric_limits<float>::infinity();
  Case one({.positions = 2, .cached = 130});
  one.causal = false;
  one.mask.assign(2 * 130, 0);
  std::fill_n(one.mask.begin(), 100, hidden);
  std::fill_n(one.mask.begin() + 130, 130, hidden);
  const auto got = one.got();
  EXPECT_THAT(got, Pointwise(FloatNear(2e-6F), one.want()));
  EXPECT_EQ(got.back(), 0);
}

TEST(Sdpa, TakesLargeScores) {
  Case one({.positions = 3, .cached = 200, .start = 190});
  one.scale = 300;  // exp() of these is beyond f32
  for (const float number : one.got()) EXPECT_LE(std::fabs(number), 1);
}

TEST(Sdpa, ComputesHalfTypesInF32) {
  for (const int positions : {1, 12}) {
    Case one({.positions = positions, .cached = 100, .start = 80});
    EXPECT_THAT(one.got<Half>(), Pointwise(FloatNear(1e-3F), one.want()));
    EXPECT_THAT(one.got<BFloat16>(), Pointwise(FloatNear(8e-3F), one.want()));
  }
}

TEST(Sdpa, WithKvCacheWritesThenLooks) {
  Case one({.positions = 4, .cached = 32, .start = 10});
  const std::vector<std::int32_t> added{1, 4, 2, 32};
  const auto key = some_numbers(4 * 2 * 32, 5);
  const auto value = some_numbers(4 * 2 * 32, 6);
  const auto keys = tensor(one.cache_sizes(), one.keys);
  const auto values = tensor(one.cache_sizes(), one.values);
  const auto out = tensor(one.query_sizes(), std::vector<float>(one.query.size()));
  EXPECT_EQ(call("llama::sdpa_with_kv_cache.out",
                 {*tensor(one.query_sizes(), one.query), *tensor(added, key), *tensor(added, value),
                  *keys, *values, std::int64_t{10}, std::int64_t{4}, EValue(), 0.0, true, EValue(),
                  *out}),
            "");
  std::ranges::copy(key, one.keys.begin() + 10 * 2 * 32);
  std::ranges::copy(value, one.values.begin() + 10 * 2 * 32);
  EXPECT_EQ(floats(keys), one.keys);
  EXPECT_EQ(floats(values), one.values);
  EXPECT_THAT(floats(out), Pointwise(FloatNear(2e-6F), one.want()));
}

/// int8 numbers with a scale and a zero point for each row.
struct Quantized {
  TensorPtr numbers, zero_points, scales;

  /// Rounds `given` to what the int8 numbers say. With `heads_first` the tensor is
  /// [batch, head, position, element].
  Quantized(std::vector<float>& given, std::vector<std::int32_t> sizes, bool heads_first) {
    const std::size_t width = static_cast<std::size_t>(sizes[3]), rows = given.size() / width;
    std::vector<std::int8_t> ints(given.size()), zeros(rows);
    std::vector<float> factors(rows);
    const auto heads = static_cast<std::size_t>(sizes[2]);
    const auto positions = static_cast<std::size_t>(sizes[1]);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t to = heads_first ? row / (heads * positions) * heads * positions +
                                               row % heads * positions + row / heads % positions
                                         : row;
      zeros[to] = static_cast<std::int8_t>(row % 11);
      factors[to] = 0.008F + 0.0001F * static_cast<float>(row % 7);
      for (std::size_t i = 0; i < width; ++i) {
        float& number = given[row * width + i];
        const float step = std::clamp(std::round(number / factors[to]) + zeros[to], -128.F, 127.F);
        ints[to * width + i] = static_cast<std::int8_t>(step);
        number = (step - zeros[to]) * factors[to];
      }
    }
    if (heads_first) std::swap(sizes[1], sizes[2]);
    numbers = tensor(sizes, std::move(ints));
    sizes[3] = 1;
    zero_points = tensor(sizes, std::move(zeros));
    scales = tensor(sizes, std::move(factors));
  }
};

TEST(Sdpa, QuantizedGivesWhatTheRoundedNumbersGive) {
  for (const bool heads_first : {false, true}) {
    for (const int positions : {1, 9}) {
      Case one({.positions = positions, .cached = 90, .start = 70});
      const Quantized query(one.query, one.query_sizes(), heads_first);
      const Quantized keys(one.keys, one.cache_sizes(), heads_first);
      const Quantized values(one.values, one.cache_sizes(), heads_first);
      auto sizes = one.query_sizes();
      if (heads_first) std::swap(sizes[1], sizes[2]);
      const auto out = tensor(sizes, std::vector<float>(one.query.size()));
      EXPECT_EQ(call("llama::custom_quantized_sdpa.out",
                     {*query.numbers, *keys.numbers, *values.numbers, std::int64_t{70}, EValue(),
                      0.0, true, EValue(), *query.zero_points, *query.scales, *keys.zero_points,
                      *keys.scales, *values.zero_points, *values.scales, heads_first, *out}),
                "");
      auto want = one.want();
      if (heads_first) {
        const auto in_order = want;
        for (std::size_t i = 0; i < want.size(); ++i) {
          const std::size_t row = i / 32, count = static_cast<std::size_t>(positions);
          want[(row % 4 * count + row / 4) * 32 + i % 32] = in_order[i];
        }
      }
      EXPECT_THAT(floats(out), Pointwise(FloatNear(2e-5F), want)) << heads_first << positions;
    }
  }
}

}  // namespace
}  // namespace tenfold::executorch
