// Attention against its formula in double precision; engines/executorch tests it in more forms.
#include "kernels/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/half.h"
#include "kernels/testing/made_weights.h"
#include "kernels/thread_pool.h"

namespace tenfold::kernels {
namespace {

struct Look {
  std::int64_t positions = 1, heads = 4, key_heads = 2, width = 16, start = 0, window = 0;
  float softcap = 0;
  bool masked = false;
};

/// Keys and values are [key_heads, cached, width], queries [positions, heads, width].
class Case {
 public:
  explicit Case(const Look& look) : s(look), cached(look.start + look.positions + 3) {
    queries = some_floats(count(s.positions * s.heads), 1);
    keys = some_floats(count(s.key_heads * cached), 2);
    values = some_floats(count(s.key_heads * cached), 3);
    for (float& query : queries) query *= 3;
    if (s.masked) mask = some_floats(static_cast<std::size_t>(cached), 4);
    if (s.masked) mask[0] = -std::numeric_limits<float>::infinity();
  }

  /// All numbers as those of `Element::f16` are.
  void round_cache() {
    for (auto* numbers : {&keys, &values}) {
      for (float& number : *numbers) number = float_from_half(half_from_float(number));
    }
  }

  [[nodiscard]] std::vector<double> want() const {
    std::vector<double> out(queries.size());
    for (std::int64_t i = 0; i < s.positions * s.heads; ++i) {
      const std::int64_t last = s.start + i / s.heads;
      const std::int64_t head = i % s.heads / (s.heads / s.key_heads);
      std::vector<double> weights;
      double sum = 0;
      for (std::int64_t key = 0; key <= last; ++key) {
        double score = 0;
        for (std::int64_t e = 0; e < s.width; ++e) {
          score += 0.25 * queries[count(i) + static_cast<std::size_t>(e)] * at(keys, head, key, e);
        }
        if (s.softcap != 0) score = s.softcap * std::tanh(score / s.softcap);
        if (s.masked) score += mask[static_cast<std::size_t>(key)];
        const bool seen = s.window == 0 || key > last - s.window;
        weights.push_back(seen ? std::exp(score) : 0);
        sum += weights.back();
      }
      for (std::int64_t e = 0; e < s.width; ++e) {
        double value = 0;
        for (std::int64_t key = 0; key <= last; ++key) {
          value += weights[static_cast<std::size_t>(key)] * at(values, head, key, e);
        }
        out[count(i) + static_cast<std::size_t>(e)] = sum > 0 ? value / sum : 0;
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<float> got(Threads& threads, Element element) const {
    std::vector<std::uint16_t> halves[2];
    Attention attention;
    attention.queries = {queries.data(), Element::f32, 0, s.heads, 1};
    for (int i = 0; i < 2; ++i) {
      const auto& numbers = i == 0 ? keys : values;
      for (const float number : numbers) halves[i].push_back(half_from_float(number));
      const void* data = element == Element::f32 ? static_cast<const void*>(numbers.data())
                                                 : static_cast<const void*>(halves[i].data());
      (i == 0 ? attention.keys : attention.values) = {data, element, 0, 1, cached};
    }
    std::vector<float> out(queries.size(), std::numeric_limits<float>::quiet_NaN());
    attention.out = out.data();
    attention.batches = 1;
    attention.positions = s.positions;
    attention.heads = s.heads;
    attention.key_heads = s.key_heads;
    attention.width = s.width;
    attention.key_count = s.start + s.positions;
    attention.start = s.start;
    attention.causal = true;
    attention.window = s.window;
    attention.softcap = s.softcap;
    attention.mask = s.masked ? mask.data() : nullptr;
    attention.scale = 0.25F;
    attend(threads, attention);
    return out;
  }

 private:
  [[nodiscard]] std::size_t count(std::int64_t rows) const {
    return static_cast<std::size_t>(rows * s.width);
  }
  [[nodiscard]] double at(const std::vector<float>& cache, std::int64_t head, std::int64_t key,
                          std::int64_t e) const {
    return cache[count(head * cached + key) + static_cast<std::size_t>(e)];
  }

  Look s;
  std::int64_t cached;
  std::vector<float> queries, keys, values, mask;
};

void compare(const Look& look) {
  Case one(look);
  for (const Element element : {Element::f32, Element::f16}) {
    if (element == Element::f16) one.round_cache();
    const auto want = one.want();
    for (const std::size_t threads : {1, 3}) {
      ThreadPool pool;
      ASSERT_TRUE(pool.resize(threads).ok());
      const auto got = one.got(pool, element);
      for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_NEAR(got[i], want[i], 5e-6)
            << look.positions << " from " << look.start << ", window " << look.window;
      }
    }
  }
}

TEST(Attention, LooksAtTheKeysBefore) {
  compare({});
  compare({.start = 900});
  compare({.positions = 9, .heads = 3, .key_heads = 1, .width = 7, .start = 130});
  compare({.positions = 100, .start = 20});
}

TEST(Attention, LooksNoFurtherThanTheWindow) {
  for (const std::int64_t window : {1, 5, 64, 100, 2000}) {
    compare({.start = 900, .window = window});
    compare({.positions = 70, .heads = 2, .key_heads = 1, .start = 40, .window = window});
    compare({.positions = 5, .window = window});
  }
}

TEST(Attention, CapsScores) {
  compare({.start = 90, .softcap = 0.5F});
  compare({.positions = 20, .start = 90, .window = 33, .softcap = 2});
}

TEST(Attention, AddsOneRowOfAMaskToAll) {
  compare({.positions = 3, .start = 70, .masked = true});
  compare({.positions = 20, .start = 90, .window = 33, .softcap = 2, .masked = true});
}

TEST(Attention, AQueryWithNoKeyLeftGetsZeros) { compare({.masked = true}); }

}  // namespace
}  // namespace tenfold::kernels
