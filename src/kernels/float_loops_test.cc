// The loops of every instruction set against plain ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/instruction_set.h"

namespace tenfold::kernels {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

class FloatLoops : public testing::TestWithParam<const InstructionSet*> {
 protected:
  std::vector<float> numbers(std::size_t count) {
    std::vector<float> made(count);
    for (float& number : made) number = range_(random_);
    return made;
  }

  std::mt19937 random_{7};
  std::uniform_real_distribution<float> range_{-1, 1};
};

INSTANTIATE_TEST_SUITE_P(All, FloatLoops, testing::ValuesIn(instruction_sets()),
                         [](const auto& test) {
                           const std::string name = test.param->name;
                           return name == "AVX-512" ? "avx512" : name;
                         });

TEST_P(FloatLoops, Multiply) {
  for (const std::size_t rows : {1, 2, 3, 4, 7, 9}) {
    for (const std::size_t columns : {1, 5, 16, 63, 64, 80}) {
      const std::size_t depth = 33;
      const auto left = numbers(rows * depth);
      const auto right = numbers(depth * columns);
      const auto before = numbers(rows * columns);
      for (const bool add : {false, true}) {
        auto out = before;
        GetParam()->multiply({left.data(), depth}, {right.data(), columns}, out.data(), columns,
                             rows, depth, columns, add);
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

TEST_P(FloatLoops, Dots) {
  for (const std::size_t depth : {1, 6, 32, 64, 72, 100}) {
    const std::size_t rows = 3, columns = 7;
    const auto left = numbers(rows * depth);
    const auto right = numbers(columns * depth);
    const auto before = numbers(rows * columns);
    for (const bool add : {false, true}) {
      auto out = before;
      GetParam()->dots({left.data(), depth}, {right.data(), depth}, out.data(), columns, rows,
                       depth, columns, add);
      for (std::size_t i = 0; i < out.size(); ++i) {
        double want = add ? before[i] : 0;
        for (std::size_t k = 0; k < depth; ++k) {
          want += left[i / columns * depth + k] * right[i % columns * depth + k];
        }
        ASSERT_NEAR(out[i], want, 1e-5) << depth << " at " << i;
      }
    }
  }
}

TEST_P(FloatLoops, Maximum) {
  EXPECT_EQ(GetParam()->maximum(nullptr, 0), -infinity);
  for (const std::size_t count : {1, 3, 4, 15, 16, 17, 70}) {
    auto some = numbers(count);
    for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
      const float before = some[place];
      some[place] = 2;
      EXPECT_EQ(GetParam()->maximum(some.data(), count), 2) << count;
      some[place] = before;
    }
  }
  const float unseen[] = {std::nanf(""), -5, std::nanf(""), -infinity, -7};
  EXPECT_EQ(GetParam()->maximum(unseen, 5), -5);
}

TEST_P(FloatLoops, Exponentials) {
  for (const std::size_t count : {0, 1, 4, 16, 37}) {
    std::vector<float> given(count);
    for (std::size_t i = 0; i < count; ++i) given[i] = 3 - 2.7F * static_cast<float>(i);
    auto made = given;
    const float sum = GetParam()->exponentials(made.data(), count, 3);
    double want = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double power = std::exp(static_cast<double>(given[i]) - 3);
      want += power;
      EXPECT_NEAR(made[i], power, power * 2e-7 + 1e-38) << given[i];
    }
    EXPECT_NEAR(sum, want, 1e-6);
  }
  float far[] = {-infinity, -1e30F, -100, 0};
  EXPECT_EQ(GetParam()->exponentials(far, 4, 0), 1);
  EXPECT_THAT(far, testing::ElementsAre(0, 0, 0, 1));
}

TEST(InstructionSets, TheFastestIsFirstAndThePlainOneLast) {
  EXPECT_EQ(&fastest(), instruction_sets().front());
  EXPECT_EQ(&plain, instruction_sets().back());
}

}  // namespace
}  // namespace tenfold::kernels
