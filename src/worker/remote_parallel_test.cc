// Several calls at once on one worker process.
#include <atomic>
#include <map>

#include "engine/json.h"
#include "worker/testing/remote_fixture.h"

namespace tenfold {
namespace {

class RemoteParallel : public Remote {
 protected:
  static constexpr int sequences = 4;

  void open_several(const std::string& model = "model") {
    open();
    LoadOptions options;
    options.sequences = sequences;
    const auto info = engine_->initialize({.path = model}, options, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }

  template <typename Work>
  static void at_once(int count, const Work& work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  }
};

TEST_F(RemoteParallel, EachCallGetsItsOwnFrames) {
  open_several();
  at_once(sequences, [&](int i) {
    for (int round = 0; round < 20; ++round) {
      std::string expected;
      for (int word = 0; word <= i; ++word) expected += "w" + std::to_string(word) + " ";
      std::string streamed;
      const auto answer = engine_->stream(ask("words " + std::to_string(i + 1)),
                                          [&](const Delta& delta) { streamed += delta.text; });
      ASSERT_TRUE(answer.ok()) << answer.error().message;
      EXPECT_EQ(answer->text, expected);
      EXPECT_EQ(streamed, expected);
      const auto prompt = engine_->prepare(std::to_string(i));
      ASSERT_TRUE(prompt.ok());
      EXPECT_EQ(prompt->text, to_json(Prompt(std::to_string(i))).dump());
    }
  });
}

TEST_F(RemoteParallel, AStopEndsOneAnswerAndCancelAll) {
  open_several();
  std::stop_source stop;
  std::atomic<int> running = 0;
  std::atomic<bool> first_ended = false;
  at_once(sequences, [&](int i) {
    bool counted = false;
    const auto on_delta = [&](const Delta&) {
      if (!std::exchange(counted, true)) ++running;
      if (running < sequences) return;
      if (i == 0) stop.request_stop();
      if (i == 1 && first_ended) engine_->cancel();
    };
    const auto answer = engine_->stream(ask("words 100000 1"), on_delta,
                                        i == 0 ? stop.get_token() : std::stop_token());
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->finish, FinishReason::cancelled);
    if (i == 0) first_ended = true;
  });
}

TEST_F(RemoteParallel, OneAnswerMoreThanSequencesIsBusy) {
  open_several();
  std::atomic<int> running = 0;
  std::atomic<bool> looked = false;
  at_once(sequences, [&](int i) {
    bool counted = false;
    const auto answer = engine_->stream(ask("words 100000 1"), [&](const Delta&) {
      if (!std::exchange(counted, true)) ++running;
      if (i != 0 || running < sequences || looked.exchange(true)) return;
      EXPECT_EQ(engine_->generate(ask("pid")).error().code, ErrorCode::busy);
      EXPECT_EQ(engine_->initialize({.path = "other"}, {}, {}).error().code, ErrorCode::busy);
      EXPECT_TRUE(engine_->prepare(Prompt("Hi")).ok());
      EXPECT_TRUE(engine_->embed(std::vector<std::string>{"Hi"}).ok());
      engine_->cancel();
    });
    EXPECT_TRUE(answer.ok());
  });
  EXPECT_TRUE(looked);
}

TEST_F(RemoteParallel, ADeathFailsAllAnswersAndOneNewWorkerServesAllNext) {
  open_several("slow");
  for (int round = 0; round < 3; ++round) {
    const pid_t pid = worker_pid();
    std::atomic<int> running = 0;
    std::map<std::string, int> new_workers;
    std::mutex mutex;
    at_once(sequences, [&](int) {
      bool counted = false;
      const auto answer = engine_->stream(ask("words 100000 1"), [&](const Delta&) {
        if (!std::exchange(counted, true) && ++running == sequences) ::kill(pid, SIGKILL);
      });
      ASSERT_FALSE(answer.ok());
      EXPECT_EQ(answer.error().code, ErrorCode::engine_died);
      EXPECT_NE(answer.error().message.find("while answering: killed by SIGKILL"),
                std::string::npos)
          << answer.error().message;
      const auto next = engine_->generate(ask("pid"));
      ASSERT_TRUE(next.ok()) << next.error().message;
      const std::lock_guard lock(mutex);
      ++new_workers[next->text];
    });
    EXPECT_EQ(new_workers.size(), 1U);
    EXPECT_FALSE(new_workers.contains(std::to_string(pid)));
  }
}

TEST_F(RemoteParallel, AStopAndADeadlineEndTheWaitForAReload) {
  open_several("slow");
  const pid_t pid = worker_pid();
  ::kill(pid, SIGKILL);
  wait_until_dead(pid);
  at_once(3, [&](int i) {
    Request request = ask("words 1");
    if (i == 1) request.deadline = milliseconds(20);
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(milliseconds(20));
      if (i == 2) stop.request_stop();
    });
    const auto start = Clock::now();
    const auto answer = engine_->stream(request, {}, stop.get_token());
    if (i == 0) {
      EXPECT_TRUE(answer.ok()) << answer.error().message;
      return;
    }
    EXPECT_LT(Clock::now() - start, milliseconds(200) + slack);
    EXPECT_EQ(answer.error().code, i == 1 ? ErrorCode::deadline_exceeded : ErrorCode::cancelled);
  });
}

TEST_F(RemoteParallel, CleanupEndsAllAnswers) {
  open_several();
  at_once(sequences, [&](int i) {
    int deltas = 0;
    const auto answer = engine_->stream(ask("words 100000 1"), [&](const Delta&) {
      if (i == 0 && ++deltas == 20) engine_->cleanup();
    });
    if (answer.ok()) {
      EXPECT_EQ(answer->finish, FinishReason::cancelled);
    } else {
      EXPECT_NE(answer.error().code, ErrorCode::internal) << answer.error().message;
    }
  });
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(engine_->initialize({.path = "model"}, {}, {}).ok());
}

}  // namespace
}  // namespace tenfold
