// Against the plain formula.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "testing/operator_call.h"

namespace tenfold::executorch {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr const char* rule = "llama::gated_delta_rule.out";

TensorPtr some(const std::vector<std::int32_t>& sizes, unsigned seed) {
  std::size_t count = 1;
  for (const auto size : sizes) count *= static_cast<std::size_t>(size);
  return tensor(sizes, some_numbers(count, seed));
}

/// DeltaSizes of a call: heads of queries and of keys.
struct DeltaSizes {
  int batches, heads, key_heads, tokens, keys, values;
};

/// A call and what it must give.
class DeltaCall {
 public:
  DeltaCall(const DeltaSizes& s, bool by_channel) : s_(s), by_channel_(by_channel) {
    std::vector<std::int32_t> decays{s.batches, s.key_heads, s.tokens};
    if (by_channel) decays.push_back(s.keys);
    inputs = {some({s.batches, s.heads, s.tokens, s.keys}, 1),
              some({s.batches, s.key_heads, s.tokens, s.keys}, 2),
              some({s.batches, s.key_heads, s.tokens, s.values}, 3),
              some(decays, 4),
              some({s.batches, s.key_heads, s.tokens}, 5),
              some({s.batches, s.key_heads, s.keys, s.values}, 6)};
    out = some({s.batches, s.heads, s.tokens, s.values}, 7);
    state = some({s.batches, s.key_heads, s.keys, s.values}, 8);
  }

  [[nodiscard]] std::vector<EValue> arguments() const {
    std::vector<EValue> all;
    for (const TensorPtr& input : inputs) all.emplace_back(*input);
    all.emplace_back(*out);
    all.emplace_back(*state);
    return all;
  }

  /// The outputs, then the states.
  [[nodiscard]] std::pair<std::vector<float>, std::vector<float>> expected() const {
    const auto query = floats(inputs[0]), key = floats(inputs[1]), value = floats(inputs[2]),
               decay = floats(inputs[3]), beta = floats(inputs[4]);
    auto states = floats(inputs[5]);
    std::vector<float> outs(floats(out).size());
    const auto at = [](int a, int b, int c) { return static_cast<std::size_t>(a * b + c); };
    for (int i = 0; i < s_.batches * s_.key_heads; ++i) {
      const auto cell = [&](int k, int v) -> float& {
        return states[at(i * s_.keys + k, s_.values, v)];
      };
      for (int t = 0; t < s_.tokens; ++t) {
        const int place = i * s_.tokens + t;
        for (int v = 0; v < s_.values; ++v) {
          float seen = 0;
          for (int k = 0; k < s_.keys; ++k) {
            cell(k, v) *= decay[by_channel_ ? at(place, s_.keys, k) : at(place, 1, 0)];
            seen += cell(k, v) * key[at(place, s_.keys, k)];
          }
          const float change = (value[at(place, s_.values, v)] - seen) * beta[at(place, 1, 0)];
          for (int k = 0; k < s_.keys; ++k) cell(k, v) += change * key[at(place, s_.keys, k)];
        }
        const int group = s_.heads / s_.key_heads;
        for (int head = i * group; head < (i + 1) * group; ++head) {
          for (int v = 0; v < s_.values; ++v) {
            float& sum = outs[at(head * s_.tokens + t, s_.values, v)];
            for (int k = 0; k < s_.keys; ++k) {
              sum += cell(k, v) * query[at(head * s_.tokens + t, s_.keys, k)];
            }
          }
        }
      }
    }
    return {outs, states};
  }

  std::vector<TensorPtr> inputs;
  TensorPtr out, state;

 private:
  DeltaSizes s_;
  bool by_channel_;
};

TEST(GatedDeltaRule, IsThePlainFormula) {
  const DeltaSizes sizes[] = {
      {1, 1, 1, 1, 1, 1}, {2, 3, 3, 4, 5, 6}, {2, 4, 2, 9, 8, 16}, {1, 8, 4, 1, 64, 64}};
  for (const DeltaSizes& s : sizes) {
    for (const bool by_channel : {false, true}) {
      SCOPED_TRACE(std::to_string(s.keys) + (by_channel ? " by channel" : ""));
      const DeltaCall one(s, by_channel);
      const auto [outs, states] = one.expected();
      ASSERT_EQ(call(rule, one.arguments()), "");
      EXPECT_THAT(floats(one.out), Pointwise(FloatNear(1e-4F), outs));
      EXPECT_THAT(floats(one.state), Pointwise(FloatNear(1e-4F), states));
      ASSERT_EQ(call("llama::channelwise_gated_delta_rule.out", one.arguments()), "");
      EXPECT_THAT(floats(one.out), Pointwise(FloatNear(1e-4F), outs)) << "its earlier name";
    }
  }
}

TEST(GatedDeltaRule, GoesOnWhereItWas) {
  const DeltaCall whole({1, 2, 1, 2, 4, 4}, false);
  const auto [outs, states] = whole.expected();
  DeltaCall step({1, 2, 1, 1, 4, 4}, false);
  for (std::size_t token = 0; token < 2; ++token) {
    const auto part = [&](std::size_t place, std::size_t heads, std::size_t width) {
      std::vector<float> numbers;
      for (std::size_t head = 0; head < heads; ++head) {
        const float* from =
            whole.inputs[place]->const_data_ptr<float>() + (head * 2 + token) * width;
        numbers.insert(numbers.end(), from, from + width);
      }
      std::copy(numbers.begin(), numbers.end(), step.inputs[place]->mutable_data_ptr<float>());
    };
    part(0, 2, 4);
    part(1, 1, 4);
    part(2, 1, 4);
    part(3, 1, 1);
    part(4, 1, 1);
    const auto before = token == 0 ? floats(whole.inputs[5]) : floats(step.state);
    std::copy(before.begin(), before.end(), step.inputs[5]->mutable_data_ptr<float>());
    ASSERT_EQ(call(rule, step.arguments()), "");
  }
  EXPECT_THAT(floats(step.state), Pointwise(FloatNear(1e-5F), states));
}

TEST(GatedDeltaRule, RefusesWhatDoesNotFit) {
  const DeltaCall one({1, 4, 2, 3, 8, 4}, false);
  ASSERT_EQ(call(rule, one.arguments()), "");
  const auto with = [&](std::size_t place, EValue value) {
    auto arguments = one.arguments();
    arguments[place] = std::move(value);
    return call(rule, std::move(arguments));
  };
  for (std::size_t place = 0; place < 8; ++place) {
    EXPECT_NE(with(place, 0.5), "") << place;
    EXPECT_NE(with(place, *some({1}, 1)), "") << place;
    EXPECT_NE(with(place, *tensor({1, 2, 3, 8}, std::vector<std::int8_t>(48))), "") << place;
  }
  EXPECT_THAT(with(0, *some({1, 8, 3, 8}, 1)), HasSubstr("out cannot take"));
  EXPECT_THAT(with(1, *some({1, 3, 3, 8}, 1)), HasSubstr("no multiple of the keys' 3"));
  EXPECT_THAT(with(1, *some({1, 2, 2, 8}, 1)), HasSubstr("number of tokens"));
  EXPECT_THAT(with(3, *some({1, 2, 2}, 1)), HasSubstr("decay has 4 numbers, not 6"));
  EXPECT_THAT(with(5, *some({1, 2, 8, 5}, 1)), HasSubstr("final_state_out cannot take"));
}

}  // namespace
}  // namespace tenfold::executorch
