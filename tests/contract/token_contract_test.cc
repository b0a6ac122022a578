// generate(), stream() and cancel().
#include <atomic>
#include <cmath>
#include <thread>

#include "base/files.h"
#include "contract.h"

namespace tenfold::contract {
namespace {

using ::testing::HasSubstr;
using AnswerContract = LoadedContractTest;

const std::string kQuestion = "What is the capital of France?";

TEST_F(AnswerContract, DeltasConcatenateToTheAnswer) {
  Request request = ask(kQuestion);
  request.logprobs = 1;
  Answer streamed;
  const Answer whole = answer(request, [&](const Delta& delta) {
    streamed.text += delta.text;
    streamed.reasoning += delta.reasoning;
    streamed.tokens.insert(streamed.tokens.end(), delta.tokens.begin(), delta.tokens.end());
    streamed.logprobs.insert(streamed.logprobs.end(), delta.logprobs.begin(), delta.logprobs.end());
  });
  EXPECT_FALSE(whole.text.empty());
  EXPECT_EQ(streamed.text, whole.text);
  EXPECT_EQ(streamed.reasoning, whole.reasoning);
  EXPECT_EQ(streamed.tokens, whole.tokens);
  EXPECT_EQ(streamed.logprobs.size(), whole.tokens.size());
  const Answer generated = answer(ask(kQuestion));
  EXPECT_EQ(generated.text, whole.text);
  EXPECT_EQ(generated.tokens, whole.tokens);
}

TEST_F(AnswerContract, CountsWhatItDid) {
  const auto prompt = engine_->prepare(ask(kQuestion).prompt);
  ASSERT_TRUE(prompt.ok());
  const Answer got = answer(ask(kQuestion));
  EXPECT_EQ(got.usage.prompt_tokens, static_cast<int>(prompt->tokens.size()));
  EXPECT_EQ(got.usage.generated_tokens, static_cast<int>(got.tokens.size()));
  EXPECT_EQ(got.usage.dropped_tokens, 0);
  EXPECT_GT(got.usage.ttft_seconds, 0);
  EXPECT_GE(got.usage.ttft_seconds, got.usage.prefill_seconds);
  EXPECT_GT(got.usage.peak_memory_bytes, info_.weight_bytes / 2);
}

TEST_F(AnswerContract, GreedyIsDeterministic) {
  const Answer first = answer(ask(kQuestion));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer(ask(kQuestion)).tokens, first.tokens);
}

TEST_F(AnswerContract, ASeedRepeatsAnAnswer) {
  Request request = ask("Tell me something.", 16);
  request.sampling.temperature = 1.5;
  request.sampling.top_k = 0;
  request.sampling.top_p = 1;
  request.sampling.min_p = 0;
  // Numbers may depend on which tokens are evaluated together: with a cached prompt, the last
  // alone.
  answer(request);
  const Answer free = answer(request);
  request.sampling.seed = free.seed;
  EXPECT_EQ(answer(request).tokens, free.tokens) << "the seed it reported";
  request.sampling.seed = 42;
  const Answer fixed = answer(request);
  EXPECT_EQ(fixed.seed, 42U);
  EXPECT_EQ(answer(request).tokens, fixed.tokens);
}

TEST_F(AnswerContract, StopsAfterMaxTokens) {
  for (const int most : {1, 2, 3}) {
    const Answer got = answer(ask(kQuestion, most));
    EXPECT_EQ(got.tokens.size(), static_cast<std::size_t>(most));
    EXPECT_EQ(got.finish, FinishReason::length);
  }
}

TEST_F(AnswerContract, StopStringsEndTheAnswerAndDoNotLeak) {
  const Answer whole = answer(ask(kQuestion));
  ASSERT_GT(whole.text.size(), 4U);
  for (std::size_t at = 1; at + 3 <= whole.text.size(); at += 2) {
    const std::string stop = whole.text.substr(at, 3);
    if (!is_valid_utf8(stop)) continue;  // cut inside a character
    Request request = ask(kQuestion);
    request.stop = {"never in the answer", stop};
    std::string streamed;
    const Answer got = answer(request, [&](const Delta& delta) { streamed += delta.text; });
    EXPECT_EQ(got.finish, FinishReason::stop_string);
    EXPECT_EQ(got.stop_string, stop);
    EXPECT_EQ(got.text, whole.text.substr(0, whole.text.find(stop)));
    EXPECT_EQ(streamed, got.text);
  }
}

TEST_F(AnswerContract, BiasBansTokens) {
  const Answer whole = answer(ask(kQuestion, 4));
  Request request = ask(kQuestion, 4);
  for (const TokenId token : whole.tokens) {
    request.sampling.logit_bias[token] = -std::numeric_limits<double>::infinity();
  }
  for (const TokenId token : answer(request).tokens) {
    EXPECT_THAT(whole.tokens, testing::Not(testing::Contains(token)));
  }
}

TEST_F(AnswerContract, FillsTheContextAndSaysSo) {
  Request request = ask(kQuestion, 1000);
  // Ban the ends of a turn, one after the other, until none is left.
  for (int i = 0; i < 8; ++i) {
    const Answer got = answer(request);
    if (got.finish != FinishReason::stop) {
      EXPECT_EQ(to_string(got.finish), "context_full");
      const int held = got.usage.prompt_tokens + got.usage.generated_tokens;
      EXPECT_LE(held, info_.context_size + 1);
      EXPECT_GE(held, info_.context_size - 1);
      return;
    }
    request.sampling.logit_bias[got.tokens.back()] = -std::numeric_limits<double>::infinity();
  }
  FAIL() << "the answer always ends by itself";
}

TEST_F(AnswerContract, CancelFromACallbackEndsTheAnswer) {
  // The longest answer there is: a worker must not be done before it hears of the cancel.
  LoadOptions options = load_options();
  options.context_size = 0;
  load(options);
  Request request = ask(kQuestion, 10000);
  request.ignore_end = true;
  int deltas = 0;
  const Answer got = answer(request, [&](const Delta&) {
    if (++deltas == 2) engine_->cancel();
  });
  EXPECT_EQ(to_string(got.finish), "cancelled");
  EXPECT_EQ(to_string(answer(ask(kQuestion, 2)).finish), "length") << "the next one is not";
}

TEST_F(AnswerContract, CancelFromAnotherThreadEndsTheAnswer) {
  Request request = ask(kQuestion, 10000);
  request.sampling.temperature = 3;
  request.sampling.top_k = 0;
  request.sampling.top_p = 1;
  request.sampling.min_p = 0;
  std::atomic<bool> started = false;
  std::jthread other([&](const std::stop_token& stop) {
    while (!started) std::this_thread::yield();
    while (!stop.stop_requested()) {
      engine_->cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const Answer got = answer(request, [&](const Delta&) { started = true; });
  other.request_stop();
  started = true;
  other.join();
  EXPECT_THAT(std::string(to_string(got.finish)), testing::AnyOf("cancelled", "stop"));
  EXPECT_EQ(to_string(answer(ask(kQuestion, 2)).finish), "length");
}

TEST_F(AnswerContract, ADeadlineEndsTheAnswer) {
  Request request = ask(kQuestion, 10000);
  request.deadline = std::chrono::milliseconds(1);
  const Answer got = answer(
      request, [](const Delta&) { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  EXPECT_EQ(to_string(got.finish), "deadline");
  EXPECT_LT(got.tokens.size(), 10U);
}

TEST_F(AnswerContract, ReusesThePrefixWithTheSameResult) {
  if (!engine_->capabilities().prefix_reuse) GTEST_SKIP() << "the engine does not reuse prefixes";
  const Answer first = answer(ask(kQuestion));
  Request second = ask(kQuestion);
  second.prompt = std::vector<Message>{
      {"user", kQuestion}, {"assistant", first.text}, {"user", "And of Italy?"}};
  const Answer reused = answer(second);
  EXPECT_GT(reused.usage.cached_tokens, 0);
  EXPECT_LT(reused.usage.cached_tokens, reused.usage.prompt_tokens);
  load();
  const Answer fresh = answer(second);
  EXPECT_EQ(fresh.usage.cached_tokens, 0);
  EXPECT_EQ(fresh.tokens, reused.tokens);
  EXPECT_EQ(fresh.text, reused.text);
}

TEST_F(AnswerContract, RefusesAPromptLongerThanTheContext) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "word ";
  const auto refused = engine_->generate(ask(text));
  ASSERT_FALSE(refused.ok());
  expect_error(refused.error(), ErrorCode::context_exceeded, std::to_string(info_.context_size));
  const auto prompt = engine_->prepare(ask(text).prompt);
  ASSERT_TRUE(prompt.ok());
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(prompt->tokens.size())));
  EXPECT_FALSE(answer(ask(kQuestion)).text.empty());
}

TEST_F(AnswerContract, TakesThreeKindsOfPrompt) {
  const auto rendered = engine_->prepare(ask(kQuestion).prompt);
  ASSERT_TRUE(rendered.ok());
  EXPECT_THAT(rendered->text, HasSubstr(kQuestion));
  Request by_ids = ask(kQuestion);
  by_ids.prompt = rendered->tokens;
  const Answer by_messages = answer(ask(kQuestion));
  EXPECT_EQ(answer(by_ids).tokens, by_messages.tokens);
  Request by_text = ask(kQuestion);
  by_text.prompt = std::string("Once upon a time");
  EXPECT_EQ(answer(by_text).usage.prompt_tokens,
            static_cast<int>(engine_->prepare(by_text.prompt)->tokens.size()));
}

TEST_F(AnswerContract, RefusesBadRequestsByName) {
  const auto refused = [&](const std::string& part, const auto& change) {
    Request request = ask(kQuestion);
    change(request);
    const auto result = engine_->generate(request);
    EXPECT_FALSE(result.ok()) << part;
    if (!result.ok()) expect_error(result.error(), ErrorCode::invalid_argument, part);
  };
  refused("temperature", [](Request& r) { r.sampling.temperature = -1; });
  refused("top_k", [](Request& r) { r.sampling.top_k = -1; });
  refused("top_p", [](Request& r) { r.sampling.top_p = 0; });
  refused("min_p", [](Request& r) { r.sampling.min_p = 2; });
  refused("repeat_penalty", [](Request& r) { r.sampling.repeat_penalty = 0; });
  refused("max_tokens", [](Request& r) { r.max_tokens = 0; });
  refused("logprobs", [](Request& r) { r.logprobs = 21; });
  refused("UTF-8", [](Request& r) { r.prompt = std::string("\xff"); });
  refused("messages", [](Request& r) { r.prompt = std::vector<Message>{}; });
  refused("stop", [](Request& r) { r.stop = {""}; });
  refused("1000000", [](Request& r) { r.prompt = std::vector<TokenId>{1000000}; });
  refused("1000000", [](Request& r) { r.sampling.logit_bias[1000000] = 1; });
  EXPECT_FALSE(answer(ask(kQuestion)).text.empty());
}

TEST_F(AnswerContract, NamesRequestOptionsItLacks) {
  const std::vector<std::pair<std::string, void (*)(Request&)>> fields = {
      {"stop", [](Request& r) { r.stop = {"x"}; }},
      {"logprobs", [](Request& r) { r.logprobs = 1; }},
      {"seed", [](Request& r) { r.sampling.seed = 1; }},
      {"logit_bias", [](Request& r) { r.sampling.logit_bias[1] = 1; }},
      {"json_schema",
       [](Request& r) {
         r.constraint = {Constraint::Kind::json_schema, "{}"};
       }},
      {"regex",
       [](Request& r) {
         r.constraint = {Constraint::Kind::regex, "a"};
       }},
      {"grammar",
       [](Request& r) {
         r.constraint = {Constraint::Kind::lark, "start: \"a\""};
       }},
  };
  const auto& has = engine_->capabilities().request_options;
  for (const auto& [name, set] : fields) {
    Request request = ask(kQuestion, 2);
    set(request);
    const auto result = engine_->generate(request);
    if (std::find(has.begin(), has.end(), name) != has.end()) {
      EXPECT_TRUE(result.ok()) << name << ": " << result.error().message;
    } else {
      ASSERT_FALSE(result.ok()) << name << " is ignored";
      expect_error(result.error(), ErrorCode::unsupported, name);
    }
  }
}

}  // namespace
}  // namespace tenfold::contract
