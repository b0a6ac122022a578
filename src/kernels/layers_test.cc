// The layers of every instruction set against their formulas in double precision, in odd sizes.
#include "kernels/layers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/testing/made_weights.h"
#include "kernels/thread_pool.h"

namespace tenfold::kernels {
namespace {

class Layers : public testing::TestWithParam<const InstructionSet*> {
 protected:
  void SetUp() override { ASSERT_TRUE(pool_.resize(2).ok()); }

  ThreadPool pool_;
};

INSTANTIATE_TEST_SUITE_P(All, Layers, testing::ValuesIn(instruction_sets()), [](const auto& test) {
  const std::string name = test.param->name;
  return name == "AVX-512" ? "avx512" : name;
});

TEST_P(Layers, RmsNorm) {
  for (const std::size_t width : {1, 7, 16, 65, 640}) {
    for (const float offset : {0.0F, 1.0F}) {
      const std::size_t rows = 60, stride = width + 3;
      const auto x = some_floats(rows * stride, 1), weight = some_floats(width, 2);
      std::vector<float> out(rows * width);
      rms_norm(pool_, {x.data(), stride}, rows, width, weight.data(), offset, 1e-5F, out.data(),
               width, *GetParam());
      for (std::size_t row = 0; row < rows; ++row) {
        const float* from = x.data() + row * stride;
        double squares = 0;
        for (std::size_t i = 0; i < width; ++i) squares += static_cast<double>(from[i]) * from[i];
        const double root = std::sqrt(squares / static_cast<double>(width) + 1e-5);
        for (std::size_t i = 0; i < width; ++i) {
          const double want = from[i] / root * (static_cast<double>(offset) + weight[i]);
          ASSERT_NEAR(out[row * width + i], want, 2e-6 + std::fabs(want) * 1e-6) << width;
        }
      }
    }
  }
}

TEST_P(Layers, Softmax) {
  for (const std::size_t count : {1, 3, 17, 300}) {
    auto row = some_floats(count, 3);
    for (float& number : row) number *= 30;
    row[0] = -std::numeric_limits<float>::infinity();
    if (count == 1) row[0] = 5;
    const auto before = row;
    softmax(row.data(), count, *GetParam());
    double sum = 0;
    for (const float number : before) sum += std::exp(static_cast<double>(number));
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_NEAR(row[i], std::exp(static_cast<double>(before[i])) / sum, 1e-6) << count;
    }
  }
  std::vector<float> hidden(5, -std::numeric_limits<float>::infinity());
  softmax(hidden.data(), 5, *GetParam());
  EXPECT_EQ(hidden, std::vector<float>(5, 0));
}

TEST_P(Layers, Gates) {
  for (const std::size_t width : {1, 5, 33, 1500}) {
    const std::size_t rows = 30;
    auto left = some_floats(rows * width * 2, 4);
    const auto right = some_floats(rows * width, 5);
    for (float& number : left) number *= 12;
    left[0] = -200;  // beyond what exp() of a float can be
    if (width > 1) left[1] = 200;
    for (const Gate kind : {Gate::silu, Gate::gelu_tanh}) {
      std::vector<float> out(rows * width);
      gate(pool_, kind, {left.data(), 2 * width}, {right.data(), width}, rows, width, out.data(),
           *GetParam());
      for (std::size_t i = 0; i < out.size(); ++i) {
        const double x = left[i / width * 2 * width + i % width];
        const double inner = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
        const double gated =
            kind == Gate::silu ? x / (1 + std::exp(-x)) : x / 2 * (1 + std::tanh(inner));
        const double want = gated * right[i];
        ASSERT_NEAR(out[i], want, 2e-6 + std::fabs(want) * 2e-6) << x << " of " << width;
      }
    }
  }
}

TEST_P(Layers, Soften) {
  auto numbers = some_floats(37, 6);
  for (float& number : numbers) number *= 400;
  const auto before = numbers;
  GetParam()->soften(numbers.data(), numbers.size(), 50);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    ASSERT_NEAR(numbers[i], 50 * std::tanh(before[i] / 50.0), 2e-5);
  }
}

TEST_P(Layers, RotatesAPartOfEachHead) {
  const std::size_t positions = 5, heads = 3, width = 24, first = 1000;
  for (const std::size_t pairs : {1, 5, 12}) {
    std::vector<float> frequencies(pairs), table(positions * 2 * pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
      frequencies[i] = std::pow(10'000.0F, -static_cast<float>(i) / static_cast<float>(pairs));
    }
    fill_rotations(frequencies.data(), pairs, first, positions, 1.5F, table.data());
    for (const Pairs order : {Pairs::halves, Pairs::interleaved}) {
      auto x = some_floats(positions * heads * width, 7);
      const auto before = x;
      rotate(pool_, table.data(), pairs, order, x.data(), positions, heads, heads * width, width,
             *GetParam());
      auto want = std::vector<double>(before.begin(), before.end());
      for (std::size_t row = 0; row < positions * heads; ++row) {
        for (std::size_t i = 0; i < pairs; ++i) {
          const float angle = static_cast<float>(first + row / heads) * frequencies[i];
          const std::size_t left = row * width + (order == Pairs::halves ? i : 2 * i);
          const std::size_t right = left + (order == Pairs::halves ? pairs : 1);
          const double cosine = 1.5 * std::cos(static_cast<double>(angle));
          const double sine = 1.5 * std::sin(static_cast<double>(angle));
          want[left] = before[left] * cosine - before[right] * sine;
          want[right] = before[right] * cosine + before[left] * sine;
        }
      }
      for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], want[i], 2e-6) << pairs;
    }
  }
}

}  // namespace
}  // namespace tenfold::kernels
