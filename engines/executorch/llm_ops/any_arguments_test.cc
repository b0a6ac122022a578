// Whatever a program gives the operators, they answer or name what is wrong. What they read or
// write beyond their tensors, the address sanitizer finds.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "formats/pte_program.h"
#include "testing/operator_call.h"

namespace tenfold::executorch {
namespace {

class AnyArguments : public testing::Test {
 protected:
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + random_() % choices.size());
  }

  /// A tensor that may or may not fit; kept for as long as the test runs one call.
  EValue any_tensor() {
    std::vector<std::int32_t> sizes(random_() % 8 == 0 ? random_() % 6 : 4);
    for (auto& size : sizes) size = one_of({1, 1, 2, 3, 4, 8, 28, 0});
    if (sizes.size() == 4 && random_() % 2 == 0) sizes = {1, one_of({1, 2, 9}), one_of({2, 4}), 8};
    std::size_t count = 1;
    for (const auto size : sizes) count *= static_cast<std::size_t>(size);
    switch (random_() % 8) {
      case 0:
        kept_.push_back(tensor(sizes, std::vector<std::int8_t>(count, 3)));
        break;
      case 1:
        kept_.push_back(tensor(sizes, std::vector<std::int64_t>(count, 1)));
        break;
      case 2:
        kept_.push_back(tensor(sizes, std::vector<::executorch::aten::Half>(count)));
        break;
      case 3:
        kept_.push_back(tensor(sizes, std::vector<::executorch::aten::BFloat16>(count)));
        break;
      default:
        kept_.push_back(tensor(sizes, some_numbers(count, 1)));
    }
    return *kept_.back();
  }

  EValue any_value() {
    switch (random_() % 12) {
      case 0:
        return {};
      case 1:
        return one_of({true, false});
      case 2:
        return one_of({0.0, 1.0, -1e300, std::numeric_limits<double>::quiet_NaN()});
      case 3:
      case 4:
        return one_of<std::int64_t>({-1, 0, 1, 5, 9, INT32_MAX, INT64_MAX, INT64_MIN});
      default:
        return any_tensor();
    }
  }

  /// Arguments that fit, as tensors of one kind.
  std::vector<EValue> fitting(const std::string& name) {
    const auto block = [&](std::int32_t positions, std::int32_t heads) -> EValue {
      const auto count = static_cast<std::size_t>(positions * heads * 8);
      kept_.push_back(tensor({1, positions, heads, 8}, some_numbers(count, 2)));
      return *kept_.back();
    };
    const auto state = [&]() -> EValue {
      kept_.push_back(tensor({1, 2, 8, 8}, some_numbers(128, 4)));
      return *kept_.back();
    };
    const std::int64_t start = one_of({0, 1, 7});
    if (name == "llama::update_cache.out") return {block(2, 2), block(9, 2), start, block(1, 1)};
    if (name == "llama::update_cache_with_indices.out") {
      kept_.push_back(tensor<std::int64_t>({1, 2}, {one_of<std::int64_t>({0, 8, 9, -1}), 3}));
      const EValue indices = *kept_.back();
      return {block(2, 2), block(9, 2), start, indices, block(1, 1)};
    }
    if (name == "llama::custom_sdpa.out") {
      return {block(2, 4), block(9, 2), block(9, 2), start, {}, 0.0, true, {}, block(2, 4)};
    }
    if (name == "llama::sdpa_with_kv_cache.out") {
      return {block(2, 4), block(2, 2), block(2, 2), block(9, 2), block(9, 2),
              start,       start,       {},          0.0,         one_of({true, false}),
              {},          block(2, 4)};
    }
    if (name == "llama::custom_quantized_sdpa.out") {
      return {block(2, 4), block(9, 2), block(9, 2), start, {}, 0.0, true,  {},
              {},          {},          {},          {},    {}, {},  false, block(2, 4)};
    }
    if (name.ends_with("gated_delta_rule.out")) {
      const auto row = [&](const std::vector<std::int32_t>& sizes) -> EValue {
        kept_.push_back(tensor(sizes, some_numbers(4, 3)));
        return *kept_.back();
      };
      return {block(2, 2),    block(2, 2), block(2, 2), row({1, 2, 2}),
              row({1, 2, 2}), state(),     block(2, 2), state()};
    }
    return {block(2, 4), block(2, 4)};
  }

  std::mt19937 random_{11};
  std::vector<TensorPtr> kept_;
};

TEST_F(AnyArguments, AreAnsweredOrRefused) {
  // TENFOLD_ANY_ARGUMENTS=1000000 tries longer.
  const char* wanted = std::getenv("TENFOLD_ANY_ARGUMENTS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 200;
  int answered = 0, refused = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const auto name : pte_llm_operators) {
      auto arguments = fitting(std::string(name));
      for (auto changes = random_() % 3; changes > 0; --changes) {
        const std::size_t place = random_() % arguments.size();
        arguments[place] =
            random_() % 6 == 0 ? arguments[random_() % arguments.size()] : any_value();
      }
      if (random_() % 20 == 0) arguments.resize(random_() % arguments.size());
      ++(call(std::string(name).c_str(), std::move(arguments)).empty() ? answered : refused);
      kept_.clear();
    }
  }
  EXPECT_GT(answered, rounds);
  EXPECT_GT(refused, rounds);
}

}  // namespace
}  // namespace tenfold::executorch
