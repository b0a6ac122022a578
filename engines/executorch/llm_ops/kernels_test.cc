// The loops of every instruction set against plain ones.
#include "llm_ops/kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tenfold::executorch {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

class KernelsTest : public testing::TestWithParam<std::size_t> {
 protected:
  const Kernels& kernels() const { return all_kernels()[GetParam()]; }

  std::vector<float> numbers(std::size_t count) {
    std::vector<float> made(count);
    for (float& number : made) number = range_(random_);
    return made;
  }

  std::mt19937 random_{7};
  std::uniform_real_distribution<float> range_{-1, 1};
};

INSTANTIATE_TEST_SUITE_P(All, KernelsTest, testing::Range<std::size_t>(0, all_kernels().size()),
                         [](const auto& test) {
                           return all_kernels()[test.param].name == std::string("AVX-512")
                                      ? "avx512"
                                      : std::string(all_kernels()[test.param].name);
                         });

TEST_P(KernelsTest, Multiply) {
  for (const std::size_t rows : {1, 2, 3, 4, 7, 9}) {
    for (const std::size_t columns : {1, 5, 16, 63, 64, 80}) {
      const std::size_t depth = 33;
      const auto left = numbers(rows * depth);
      const auto right = numbers(depth * columns);
      const auto before = numbers(rows * columns);
      for (const bool add : {false, true}) {
        auto out = before;
        kernels().multiply({left.data(), depth}, {right.data(), columns}, out.data(), columns, rows,
                           depth, columns, add);
        for (std::size_t i = 0; i < out.size(); ++i) {
          double want = add ? before[i] : 0;
          for (std::size_t k = 0; k < depth; ++k) {
            want += left[i / columns * depth + k] * right[k * columns + i % columns];
          }
          ASSERT_NEAR(out[i], want, 1e-5) << rows << " x " << columns << " at " << i;
        }
      }
    }
  }
}

TEST_P(KernelsTest, Dots) {
  for (const std::size_t depth : {1, 6, 32, 64, 72, 100}) {
    const std::size_t rows = 3, columns = 7;
    const auto left = numbers(rows * depth);
    const auto right = numbers(columns * depth);
    std::vector<float> out(rows * columns);
    kernels().dots({left.data(), depth}, {right.data(), depth}, out.data(), columns, rows, depth,
                   columns);
    for (std::size_t i = 0; i < out.size(); ++i) {
      double want = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        want += left[i / columns * depth + k] * right[i % columns * depth + k];
      }
      ASSERT_NEAR(out[i], want, 1e-5) << depth << " at " << i;
    }
  }
}

TEST_P(KernelsTest, Maximum) {
  EXPECT_EQ(kernels().maximum(nullptr, 0), -infinity);
  for (const std::size_t count : {1, 3, 4, 15, 16, 17, 70}) {
    auto some = numbers(count);
    for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
      const float before = some[place];
      some[place] = 2;
      EXPECT_EQ(kernels().maximum(some.data(), count), 2) << count;
      some[place] = before;
    }
  }
  const float unseen[] = {std::nanf(""), -5, std::nanf(""), -infinity, -7};
  EXPECT_EQ(kernels().maximum(unseen, 5), -5);
}

TEST_P(KernelsTest, Exponentials) {
  for (const std::size_t count : {0, 1, 4, 16, 37}) {
    std::vector<float> given(count);
    for (std::size_t i = 0; i < count; ++i) given[i] = 3 - 2.7F * static_cast<float>(i);
    auto made = given;
    const float sum = kernels().exponentials(made.data(), count, 3);
    double want = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double power = std::exp(static_cast<double>(given[i]) - 3);
      want += power;
      EXPECT_NEAR(made[i], power, power * 2e-7 + 1e-38) << given[i];
    }
    EXPECT_NEAR(sum, want, 1e-6);
  }
  float far[] = {-infinity, -1e30F, -100, 0};
  EXPECT_EQ(kernels().exponentials(far, 4, 0), 1);
  EXPECT_THAT(far, testing::ElementsAre(0, 0, 0, 1));
}

TEST(Kernels, TheFastestIsFirst) { EXPECT_EQ(&kernels(), &all_kernels().front()); }

}  // namespace
}  // namespace tenfold::executorch
