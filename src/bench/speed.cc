#include "bench/speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "engine/sampling.h"

namespace tenfold {
namespace {

/// Makes the same random prompts in every run of the program, no two alike.
class PromptMaker {
 public:
  explicit PromptMaker(int vocabulary) : vocabulary_(vocabulary) {}

  /// The first token differs from that of the last prompts, so that no cached prefix fits.
  std::vector<TokenId> make(int length) {
    std::vector<TokenId> tokens(static_cast<std::size_t>(length));
    std::uniform_int_distribution<TokenId> any(0, vocabulary_ - 1);
    std::generate(tokens.begin(), tokens.end(), [&] { return any(random_); });
    first_ = (first_ + 1) % vocabulary_;
    tokens[0] = first_;
    return tokens;
  }

 private:
  int vocabulary_;
  TokenId first_ = 0;
  std::mt19937 random_{1};
};

Error cancelled() { return fail(ErrorCode::cancelled, "the benchmark was cancelled"); }

Result<Answer> run_once(Engine& engine, std::vector<TokenId> prompt, int generate, int depth = 0) {
  Request request;
  request.prompt = std::move(prompt);
  request.sampling = greedy_sampling(engine.capabilities().request_options);
  request.max_tokens = generate;
  request.ignore_end = true;
  Answer answer = TRY(engine.generate(request));
  if (answer.finish == FinishReason::cancelled) return cancelled();
  if (depth != 0 && answer.usage.cached_tokens != depth) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("a prompt cannot be measured after {} tokens: the engine kept {} of them",
                    depth, answer.usage.cached_tokens),
        "measure prompts without a depth");
  }
  if (answer.usage.generated_tokens != generate || answer.usage.cached_tokens != depth) {
    return fail(ErrorCode::internal,
                fmt::format("the engine generated {} of {} tokens and reused {} from its cache",
                            answer.usage.generated_tokens, generate, answer.usage.cached_tokens));
  }
  return answer;
}

struct Test {
  bool is_prompt;
  int tokens;
  int depth;

  [[nodiscard]] std::string name() const {
    return fmt::format("{}{}{}", is_prompt ? "pp" : "tg", tokens,
                       depth == 0 ? "" : fmt::format("@d{}", depth));
  }
  /// Those that are evaluated before, apart from the measured request.
  [[nodiscard]] int before() const { return is_prompt ? depth : 0; }
  [[nodiscard]] int prompt() const { return depth + (is_prompt ? tokens : 1); }
  /// The first generated token belongs to the prompt's time: N tokens of decoding need N + 1.
  [[nodiscard]] int generated() const { return is_prompt ? 1 : tokens + 1; }
};

std::vector<Test> tests_of(const SpeedPlan& plan) {
  std::vector<Test> tests;
  for (const int depth : plan.depths) {
    for (const int count : plan.prompt_tokens) tests.push_back({true, count, depth});
    for (const int count : plan.generate_tokens) tests.push_back({false, count, depth});
  }
  return tests;
}

Result<Answer> run_test(Engine& engine, const Test& test, PromptMaker& prompts) {
  std::vector<TokenId> prompt = prompts.make(test.prompt());
  if (test.before() > 0) {
    TRY(run_once(engine, {prompt.begin(), prompt.begin() + test.before()}, 1));
  }
  return run_once(engine, std::move(prompt), test.generated(), test.before());
}

}  // namespace

int speed_steps(const SpeedPlan& plan) {
  return static_cast<int>(tests_of(plan).size()) * (plan.repetitions + 1);
}

Result<SpeedReport> measure_speed(Engine& engine, const ModelInfo& model, const SpeedPlan& plan,
                                  const OnSpeedStep& on_step) {
  PromptMaker prompts(model.vocabulary_size);
  SpeedReport report;
  for (const Test& test : tests_of(plan)) {
    const std::string name = test.name();
    const int needed = test.prompt() + test.generated();
    if (needed > model.context_size) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} needs a context of {} tokens, but it is {}", name, needed,
                              model.context_size),
                  "measure fewer tokens or raise --ctx");
    }
    SpeedRow row{name, test.tokens, test.depth};
    for (int run = 0; run <= plan.repetitions; ++run) {
      const std::string step = run == 0
                                   ? name + ", warm-up"
                                   : fmt::format("{}, run {} of {}", name, run, plan.repetitions);
      if (on_step && !on_step(step)) return cancelled();
      const Answer answer = TRY(run_test(engine, test, prompts));
      report.peak_memory_bytes = std::max(report.peak_memory_bytes, answer.usage.peak_memory_bytes);
      if (run == 0) continue;  // the warm-up
      row.tokens_per_second.push_back(test.is_prompt ? answer.usage.prefill_tokens_per_second()
                                                     : answer.usage.decode_tokens_per_second());
      if (test.is_prompt) row.ttft_seconds.push_back(answer.usage.ttft_seconds);
    }
    report.rows.push_back(std::move(row));
  }
  return report;
}

}  // namespace tenfold
