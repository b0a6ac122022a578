// Several answers at once, stop tokens, and answers that go on after tokens given.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "contract.h"

namespace tenfold::contract {
namespace {

/// As many answers at once as the engine can have, up to four.
class ParallelContract : public ContractTest {
 protected:
  void SetUp() override {
    ContractTest::SetUp();
    if (engine_ == nullptr) return;
    count_ = std::min(4, engine_->capabilities().max_sequences);
    LoadOptions options = load_options();
    options.sequences = count_;
    info_ = load(options);
  }

  static std::string sum(int i) {
    return "What is " + std::to_string(i) + " plus " + std::to_string(i) + "?";
  }
  static Request question(int i, int max_tokens = 24) { return ask(sum(i), max_tokens); }

  template <typename Work>
  void at_once(const Work& work) const {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count_; ++i) threads.emplace_back([&work, i] { work(i); });
  }

  int count_ = 1;
  ModelInfo info_;
};

TEST_F(ParallelContract, AnswersAtOnceAreThoseGivenAlone) {
  std::vector<Answer> alone;
  for (int i = 0; i < count_; ++i) alone.push_back(answer(question(i)));
  load([&] {
    LoadOptions options = load_options();
    options.sequences = count_;
    return options;
  }());
  at_once([&](int i) {
    for (int round = 0; round < 3; ++round) {
      const Answer together = answer(question(i));
      EXPECT_EQ(together.tokens, alone[static_cast<std::size_t>(i)].tokens);
      EXPECT_EQ(together.text, alone[static_cast<std::size_t>(i)].text);
    }
  });
}

TEST_F(ParallelContract, OneMoreIsBusyAndPrepareIsNot) {
  std::atomic<int> running = 0;
  std::atomic<bool> looked = false;
  at_once([&](int i) {
    bool counted = false;
    const Answer got = answer(endless(sum(i)), [&](const Delta&) {
      if (!std::exchange(counted, true)) ++running;
      if (i != 0 || looked) return;
      while (running < count_) std::this_thread::yield();
      looked = true;
      // From a thread of its own: callbacks must not call the engine.
      std::jthread([&] {
        const auto refused = engine_->generate(question(9));
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(to_string(refused.error().code), "busy");
        EXPECT_EQ(engine_->prepare(question(9).prompt).ok(), engine_->capabilities().prepare);
        engine_->cancel();
      }).join();
    });
    EXPECT_THAT(std::string(to_string(got.finish)), testing::AnyOf("cancelled", "context_full"));
  });
  EXPECT_TRUE(looked);
  EXPECT_EQ(to_string(answer(question(1, 2)).finish), "length");
}

TEST_F(ParallelContract, AStopTokenEndsItsAnswerAlone) {
  std::stop_source stop;
  at_once([&](int i) {
    if (i > 0) {
      EXPECT_THAT(to_string(answer(question(i, 4)).finish), testing::AnyOf("length", "stop"));
      return;
    }
    int deltas = 0;
    const auto got = engine_->stream(
        endless(sum(i)),
        [&](const Delta&) {
          if (++deltas == 3) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(to_string(got->finish), "cancelled");
  });
  const auto before = engine_->stream(question(1), {}, stop.get_token());
  ASSERT_FALSE(before.ok());
  EXPECT_EQ(to_string(before.error().code), "cancelled");
}

TEST_F(ParallelContract, AStopTokenEndsThePrefill) {
  if (!engine_->capabilities().token_prompts) GTEST_SKIP() << "prompts are no token ids";
  LoadOptions options = load_options();
  options.context_size = 0;
  options.sequences = count_;
  const ModelInfo info = load(options);
  Request request = ask("Hi");
  request.prompt =
      std::vector<TokenId>(static_cast<std::size_t>(std::min(info.context_size, 4000)) - 8, 300);
  for (const int delay : {0, 1, 5}) {
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(delay));
      stop.request_stop();
    });
    const auto got = engine_->stream(request, {}, stop.get_token());
    if (got.ok()) {
      EXPECT_THAT(std::string(to_string(got->finish)),
                  testing::AnyOf("cancelled", "length", "stop", "context_full"));
    } else {
      EXPECT_EQ(to_string(got.error().code), "cancelled") << got.error().message;
    }
  }
  EXPECT_EQ(to_string(answer(question(1, 2)).finish), "length");
}

TEST_F(ParallelContract, AConversationFindsItsPrefixAfterOthers) {
  if (count_ < 2) GTEST_SKIP() << "the engine has one sequence";
  const Answer first = answer(question(1));
  for (int i = 2; i <= count_; ++i) answer(question(i));
  Request second = question(1);
  second.prompt = std::vector<Message>{
      {"user", "What is 1 plus 1?"}, {"assistant", first.text}, {"user", "Sure?"}};
  EXPECT_GE(answer(second).usage.cached_tokens, first.usage.prompt_tokens - 1);
}

TEST_F(ParallelContract, GoesOnAfterTokensGivenAsItWouldHave) {
  if (!engine_->capabilities().resumes) GTEST_SKIP() << "the engine cannot go on with an answer";
  const Answer whole = answer(question(1));
  for (const std::size_t cut : {std::size_t{1}, whole.tokens.size() / 2, whole.tokens.size()}) {
    Request rest = question(1);
    rest.answered.assign(whole.tokens.begin(),
                         whole.tokens.begin() + static_cast<std::ptrdiff_t>(cut));
    const Answer got = answer(rest);
    EXPECT_EQ(got.tokens, whole.tokens) << cut;
    EXPECT_EQ(got.text, whole.text);
    EXPECT_EQ(got.usage.answered_tokens, static_cast<int>(cut));
    EXPECT_EQ(got.usage.generated_tokens, whole.usage.generated_tokens);
  }
}

/// The processes started by this one.
std::vector<pid_t> children() {
  std::vector<pid_t> pids;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
  }
  return pids;
}

TEST_F(ParallelContract, AKilledWorkerFailsItsAnswersAndTheNextWork) {
  if (!settings().worker) GTEST_SKIP() << "no worker to kill";
  const auto workers = children();
  if (workers.empty()) GTEST_SKIP() << "this system does not list child processes";
  std::atomic<int> running = 0;
  at_once([&](int i) {
    bool counted = false;
    const auto got = engine_->stream(endless(sum(i)), [&](const Delta&) {
      if (std::exchange(counted, true) || ++running < count_) return;
      for (const pid_t pid : workers) ::kill(pid, SIGKILL);
    });
    if (!got.ok()) {
      EXPECT_EQ(to_string(got.error().code), "engine_died");
      EXPECT_THAT(got.error().message, testing::HasSubstr("SIGKILL"));
    }
    EXPECT_EQ(to_string(answer(question(i, 2)).finish), "length");
  });
}

}  // namespace
}  // namespace tenfold::contract
