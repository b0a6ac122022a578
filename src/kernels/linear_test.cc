// Every form of weights on every instruction set against sums in double precision.
#include "kernels/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/testing/made_weights.h"
#include "kernels/thread_pool.h"

namespace tenfold::kernels {
namespace {

class Linear : public testing::TestWithParam<const InstructionSet*> {
 protected:
  void SetUp() override { ASSERT_TRUE(pool_.resize(3).ok()); }

  void compare(const Make& make, std::size_t m, Precision precision = Precision::exact) {
    const MadeWeights made(make);
    ASSERT_TRUE(check(made.weights(), "w").ok()) << check(made.weights(), "w").error().message;
    const auto x = some_floats(m * make.columns, 5);
    std::vector<float> y(m * make.rows, std::numeric_limits<float>::quiet_NaN());
    multiply(pool_, made.weights(), x.data(), m, y.data(), precision, *GetParam());
    double step = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const float* from = x.data() + i / make.rows * make.columns;
      const double* weights = made.numbers().data() + i % make.rows * make.columns;
      double want = 0, size = 0, rounding = 0;
      for (std::size_t k = 0; k < make.columns; ++k) {
        want += from[k] * weights[k];
        size += std::fabs(from[k] * weights[k]);
        if (k % 32 == 0) step = step_of(made.weights(), from, k);
        rounding += std::fabs(weights[k]) * step / 2;
      }
      if (precision == Precision::exact || !made.weights().quantized()) rounding = 0;
      // A rounding of each weight and product, and of the sums that one is part of.
      ASSERT_NEAR(y[i], want, size * 1e-6 + 1e-6 + rounding * 1.001)
          << describe(make) << ", " << m << " at " << i;
    }
  }

  /// Between the numbers that the integers of x stand for, in the group that column k begins.
  static double step_of(const Weights& weights, const float* x, std::size_t k) {
    if (!weights.quantized()) return 0;
    const std::size_t group = weights.group_columns() == 32 ? 32 : 64;
    double most = 0;
    for (std::size_t i = k / group * group; i < (k / group + 1) * group; ++i) {
      most = std::max<double>(most, std::fabs(x[i]));
    }
    return most / 127;
  }

  ThreadPool pool_;
};

INSTANTIATE_TEST_SUITE_P(All, Linear, testing::ValuesIn(instruction_sets()), [](const auto& test) {
  const std::string name = test.param->name;
  return name == "AVX-512" ? "avx512" : name;
});

TEST_P(Linear, EveryFormForOneRow) {
  for (const std::size_t columns : {32, 96, 640}) {
    for (const Make& make : all_forms(5, columns)) compare(make, 1);
  }
}

TEST_P(Linear, EveryFormForMoreRows) {
  for (const std::size_t m : {2, 3, 8}) {
    for (const Make& make : all_forms(5, 192)) compare(make, m);
  }
  for (const Make& make : all_forms(67, 128)) compare(make, 33);
}

TEST_P(Linear, EveryFormWithXInIntegers) {
  for (const std::size_t columns : {32, 96, 640}) {
    for (const Make& make : all_forms(5, columns)) compare(make, 1, Precision::fast);
  }
  for (const std::size_t m : {3, 8}) {
    for (const Make& make : all_forms(9, 320)) compare(make, m, Precision::fast);
  }
  for (const Make& make : all_forms(67, 96)) compare(make, 33, Precision::fast);
}

TEST_P(Linear, IntegersOfMoreGroupsThanALoopTakesAtOnce) {
  for (const std::size_t m : {1, 5}) {
    compare({Form::affine, 5, 65 * 32, 4, 32}, m, Precision::fast);
    compare({Form::affine, 5, 66 * 64, 8, 128}, m, Precision::fast);
  }
}

TEST_P(Linear, TheGreatestIntegersFit) {
  // All weights 255 and all of x at its greatest: the sums are the largest there are.
  std::vector<std::byte> data(64, std::byte{0xFF});
  const float scale = 1, bias = 0;
  Weights weights{Form::affine, 1, 64, 8, 64};
  weights.data = data;
  weights.scales = std::as_bytes(std::span(&scale, 1));
  weights.biases = std::as_bytes(std::span(&bias, 1));
  for (const float sign : {1.0F, -1.0F}) {
    for (const std::size_t m : {1, 5}) {
      const std::vector<float> x(64 * m, sign);
      std::vector<float> y(m);
      multiply(pool_, weights, x.data(), m, y.data(), Precision::fast, *GetParam());
      EXPECT_NEAR(y.back(), sign * 255 * 64, 0.01);
    }
  }
}

TEST_P(Linear, ZerosAndWhatIsNoNumberInIntegers) {
  const MadeWeights made({Form::affine, 3, 64, 4, 32});
  std::vector<float> x(64), y(3, 1);
  multiply(pool_, made.weights(), x.data(), 1, y.data(), Precision::fast, *GetParam());
  for (const float number : y) EXPECT_EQ(number, 0);
  x[40] = std::numeric_limits<float>::quiet_NaN();
  multiply(pool_, made.weights(), x.data(), 1, y.data(), Precision::fast, *GetParam());
  for (const float number : y) EXPECT_TRUE(std::isnan(number));
}

TEST_P(Linear, OddSizes) {
  for (const Form form : {Form::f32, Form::f16, Form::bf16}) {
    for (const std::size_t columns : {1, 5, 517}) {
      for (const std::size_t m : {1, 9}) {
        compare({form, 1, columns}, m);
        compare({form, 70, columns}, m);
      }
    }
  }
}

TEST_P(Linear, ReadsPartOfARow) {
  for (const Make& make : all_forms(3, 192)) {
    const MadeWeights made(make);
    float numbers[64];
    GetParam()->read(made.weights(), 2, 96, 64, numbers);
    for (std::size_t i = 0; i < 64; ++i) {
      const double want = made.numbers()[2 * 192 + 96 + i];
      ASSERT_NEAR(numbers[i], want, std::fabs(want) * 1e-6 + 1e-5) << describe(make) << i;
    }
  }
}

TEST_P(Linear, ReadsScalesOfMxfp4AsTheStandardHasThem) {
  const std::byte data[16] = {std::byte{0xC3}};  // 1.5, then -2
  std::byte scale[1] = {};
  const Weights weights{Form::mxfp4, 1, 32, 0, 0, data, scale, {}};
  float numbers[32];
  for (const int exponent : {-127, -1, 0, 120}) {
    scale[0] = static_cast<std::byte>(exponent + 127);
    GetParam()->read(weights, 0, 0, 32, numbers);
    EXPECT_EQ(numbers[0], std::ldexp(1.5F, exponent));
    EXPECT_EQ(numbers[1], std::ldexp(-2.0F, exponent));
    EXPECT_EQ(numbers[31], 0);
  }
  scale[0] = std::byte{0xFF};
  GetParam()->read(weights, 0, 0, 32, numbers);
  EXPECT_TRUE(std::isnan(numbers[0]));
}

TEST_P(Linear, UsesF32WhereItLies) {
  const auto numbers = some_floats(5 * 12, 1), x = some_floats(12, 2);
  Weights weights{Form::f32, 5, 12};
  weights.data = std::as_bytes(std::span(numbers));
  float y[5];
  multiply(pool_, weights, x.data(), 1, y, Precision::fast, *GetParam());
  for (std::size_t i = 0; i < 5; ++i) {
    double want = 0;
    for (std::size_t k = 0; k < 12; ++k) want += x[k] * numbers[i * 12 + k];
    EXPECT_NEAR(y[i], want, 1e-5);
  }
}

}  // namespace
}  // namespace tenfold::kernels
