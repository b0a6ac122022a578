#include "bench/speed.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace tenfold {
namespace {

/// Pretends 1000 tok/s of prefill and 100 tok/s of decoding.
class FakeEngine : public Engine {
 public:
  std::string_view name() const override { return "fake"; }
  const Capabilities& capabilities() const override { return capabilities_; }
  Result<ModelInfo> initialize(const ResolvedModel&, const LoadOptions&,
                               const OnProgress&) override {
    return ModelInfo{};
  }
  bool is_initialized() const override { return true; }
  Result<Answer> stream(const Request& request, const OnDelta&, const Control&) override {
    requests.push_back(request);
    const auto& tokens = std::get<std::vector<TokenId>>(request.prompt);
    Answer answer;
    answer.finish = finish;
    answer.usage.prompt_tokens = static_cast<int>(tokens.size());
    answer.usage.cached_tokens = cached ? *cached : kept(tokens);
    answer.usage.generated_tokens = *request.max_tokens;
    answer.usage.prefill_seconds = static_cast<double>(tokens.size()) / 1000;
    answer.usage.decode_seconds = (*request.max_tokens - 1) / 100.0;
    answer.usage.peak_memory_bytes = 7;
    return answer;
  }
  void cancel() override {}
  Result<std::vector<double>> score(std::span<const TokenId>, const Control&) override {
    return std::vector<double>{};
  }
  Result<PreparedPrompt> prepare(const Prompt&, const Control&) override {
    return PreparedPrompt{};
  }
  Result<std::vector<Embedding>> embed(std::span<const std::string>, const Control&) override {
    return std::vector<Embedding>{};
  }
  void cleanup() override {}

  Capabilities capabilities_;
  std::vector<Request> requests;
  FinishReason finish = FinishReason::length;
  std::optional<int> cached;

 private:
  /// All of the prompt before, where this one begins with it.
  int kept(const std::vector<TokenId>& tokens) {
    const std::vector<TokenId> before = std::exchange(cache_, tokens);
    const bool is_prefix =
        before.size() < tokens.size() && std::equal(before.begin(), before.end(), tokens.begin());
    return is_prefix ? static_cast<int>(before.size()) : 0;
  }
  std::vector<TokenId> cache_;
};

ModelInfo small_model() {
  ModelInfo model;
  model.vocabulary_size = 50;
  model.context_size = 100;
  return model;
}

TEST(Speed, MeasuresEachTestAfterAWarmUp) {
  FakeEngine engine;
  std::vector<std::string> steps;
  const Result<SpeedReport> report =
      measure_speed(engine, small_model(), {{16, 32}, {8}, 2}, [&](const std::string& step) {
        steps.push_back(step);
        return true;
      });
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report.value().rows.size(), 3U);
  EXPECT_EQ(report.value().rows[0].test, "pp16");
  EXPECT_EQ(report.value().rows[2].test, "tg8");
  EXPECT_THAT(
      report.value().rows[1].tokens_per_second,
      ::testing::ElementsAre(::testing::DoubleNear(1000, 1), ::testing::DoubleNear(1000, 1)));
  EXPECT_NEAR(report.value().rows[2].tokens_per_second[0], 100, 0.1);
  EXPECT_EQ(report.value().peak_memory_bytes, 7U);
  EXPECT_EQ(engine.requests.size(), 9U);
  EXPECT_EQ(report.value().rows[0].ttft_seconds.size(), 2U);
  EXPECT_EQ(report.value().rows[2].ttft_seconds.size(), 0U);
  EXPECT_EQ(steps.at(0), "pp16, warm-up");
  EXPECT_EQ(steps.at(2), "pp16, run 2 of 2");
  EXPECT_EQ(steps.size(), 9U);
  EXPECT_EQ(speed_steps({{16, 32}, {8}, 2}), 9);
}

TEST(Speed, MeasuresAfterOtherTokens) {
  FakeEngine engine;
  const SpeedPlan plan{{16}, {8}, 1, {0, 40}};
  const auto report = measure_speed(engine, small_model(), plan, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  std::vector<std::string> tests;
  for (const SpeedRow& row : report->rows) tests.push_back(row.test);
  EXPECT_THAT(tests, ::testing::ElementsAre("pp16", "tg8", "pp16@d40", "tg8@d40"));
  std::vector<std::size_t> prompts;
  for (const Request& request : engine.requests) {
    prompts.push_back(std::get<std::vector<TokenId>>(request.prompt).size());
  }
  EXPECT_THAT(prompts, ::testing::ElementsAre(16, 16, 1, 1, 40, 56, 40, 56, 41, 41));
  EXPECT_EQ(speed_steps(plan), 8);
  engine.cached = 0;
  const Error unkept = measure_speed(engine, small_model(), plan, {}).error();
  EXPECT_EQ(unkept.message,
            "a prompt cannot be measured after 40 tokens: the engine kept 0 of them");
  const Error too_long = measure_speed(engine, small_model(), {{16}, {}, 1, {84}}, {}).error();
  EXPECT_EQ(too_long.message, "pp16@d84 needs a context of 101 tokens, but it is 100");
}

TEST(Speed, IsEndedByItsListener) {
  FakeEngine engine;
  const auto report = measure_speed(engine, small_model(), {{16}, {8}, 2},
                                    [&](const std::string&) { return engine.requests.size() < 2; });
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
  EXPECT_EQ(engine.requests.size(), 2U);
}

TEST(Speed, PromptsNeverShareAPrefixAndEndTokensAreIgnored) {
  FakeEngine engine;
  ASSERT_TRUE(measure_speed(engine, small_model(), {{16}, {8}, 5}, {}).ok());
  std::set<TokenId> first;
  for (const Request& request : engine.requests) {
    EXPECT_TRUE(request.ignore_end);
    EXPECT_EQ(request.sampling.temperature, 0);
    first.insert(std::get<std::vector<TokenId>>(request.prompt)[0]);
  }
  EXPECT_EQ(first.size(), engine.requests.size());
}

TEST(Speed, Failures) {
  FakeEngine engine;
  const Error too_long = measure_speed(engine, small_model(), {{200}, {}, 1}, {}).error();
  EXPECT_EQ(too_long.message, "pp200 needs a context of 201 tokens, but it is 100");
  engine.cached = 3;
  EXPECT_EQ(measure_speed(engine, small_model(), {}, {}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(measure_speed(engine, small_model(), {{8}, {}, 1}, {}).error().code,
            ErrorCode::internal);
  engine.finish = FinishReason::cancelled;
  EXPECT_EQ(measure_speed(engine, small_model(), {{8}, {}, 1}, {}).error().code,
            ErrorCode::cancelled);
}

}  // namespace
}  // namespace tenfold
