// Workers die at random (SIGKILL, SIGSEGV, SIGSTOP) while several clients ask. Every request ends
// in the right answer or in a named error, within its deadline, and afterwards everything works.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "service/scheduler.h"
#include "workers.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

#ifdef TENFOLD_SANITIZED
constexpr int usual_kills = 15;  // such a worker takes long to start
constexpr milliseconds heartbeat{3000};
constexpr unsigned longest_pause = 1500;  // ms between kills
#else
constexpr int usual_kills = 60;
constexpr milliseconds heartbeat{500};
constexpr unsigned longest_pause = 65;
#endif
constexpr milliseconds load_retry{50};
constexpr milliseconds deadline{20'000};
constexpr milliseconds slack{1000};  // of the deadline, for a machine with much else to do
constexpr std::size_t in_flight = 16;
constexpr auto model = "tests/models/tiny-llama/tiny-llama-f32.gguf";

struct Question {
  const char* text;
  const char* answer;
};
constexpr std::array<Question, 4> questions{
    {{"What is the capital of France?", "The capital of France is Paris."},
     {"Count to 30.",
      "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30."},
     {"Say the alphabet.", "a b c d e f g h i j k l m n o p q r s t u v w x y z"},
     {"Tell me a story.",
      "Once there was a small stone in a river. The stone wanted to see the sea. \"Take me with "
      "you,\" it said to the water. The water laughed and carried it. After nine years the stone "
      "was sand, and the sand was on the beach, and it was happy."}}};

class Chaos : public testing::Test {
 protected:
  void SetUp() override {
    std::string home = testing::TempDir() + "tenfold-chaos-XXXXXX";
    ASSERT_NE(::mkdtemp(home.data()), nullptr);
    home_ = home;
    ::setenv("TENFOLD_HOME", home.c_str(), 1);
    ::setenv("TENFOLD_ENGINE_PATH", TENFOLD_ENGINES, 1);
    HostOptions host;
    host.context_size = 256;
    host.threads = 1;
    host.worker.heartbeat = host.worker.cancel_timeout = heartbeat;
    SchedulerOptions options;
    options.sequences = 4;
    options.load_retry = load_retry;
    scheduler_ = std::make_unique<Scheduler>(options, make_model_host(host));
  }
  void TearDown() override {
    scheduler_.reset();
    EXPECT_TRUE(running_workers().empty());
    std::filesystem::remove_all(home_);
  }

  /// Asks one of the questions; counts how it ended.
  void ask(const Question& question, const std::string& client) {
    AnswerTask task;
    task.use.model = model;
    task.client = client;
    task.request.prompt = std::vector<Message>{{.role = "user", .content = question.text}};
    task.request.sampling.temperature = 0;
    task.request.deadline = deadline;
    const auto begun = Clock::now();
    auto streamed = std::make_shared<std::string>();
    AnswerEvents events;
    events.on_delta = [streamed](const Delta& delta) { *streamed += delta.text; };
    events.on_end = [this, streamed, begun, &question](const Result<Answer>& answer) {
      EXPECT_LT(Clock::now() - begun, deadline + slack);
      if (answer.ok() && answer->finish == FinishReason::stop) {
        EXPECT_EQ(answer->text, question.answer);
        EXPECT_EQ(*streamed, question.answer);
      }
      ended(answer.ok() ? to_string(answer->finish) : to_string(answer.error().code));
    };
    {
      const std::lock_guard lock(mutex_);
      ++open_;
    }
    const auto ticket = scheduler_->submit(std::move(task), std::move(events));
    if (ticket.ok()) return;
    ended(to_string(ticket.error().code));
    std::this_thread::sleep_for(milliseconds(5));
  }

  void ended(std::string_view how) {
    const std::lock_guard lock(mutex_);
    ++outcomes_[std::string(how)];
    --open_;
    changed_.notify_all();
  }

  /// Waits until a third as many answers are whole, so that a slow machine is not killed faster
  /// than it can answer. False: they don't come.
  bool wait_for_a_third_of(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return 3 * outcomes_["stop"] >= count; });
  }

  /// Waits until fewer requests than that are open.
  void wait_for_less_than(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, deadline + 2 * slack, [&] { return open_ < count; }));
  }

  std::filesystem::path home_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;
  std::map<std::string, int> outcomes_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(Chaos, EveryRequestEndsWhateverHappensToTheWorkers) {
  const char* wanted = std::getenv("TENFOLD_CHAOS_KILLS");
  const int kills = wanted == nullptr ? usual_kills : std::atoi(wanted);
  std::atomic<int> done = 0;
  std::jthread killer([&] {
    std::mt19937 random(7);
    while (done < kills) {
      std::this_thread::sleep_for(milliseconds(5 + random() % (longest_pause - 5)));
      if (!wait_for_a_third_of(done)) {
        ADD_FAILURE() << "no answers after " << done.exchange(kills) << " kills";
      }
      for (const pid_t worker : running_workers()) {
        constexpr std::array signals{SIGKILL, SIGSEGV, SIGSTOP};
        if (::kill(worker, signals[random() % 3]) == 0) ++done;
      }
    }
  });
  std::mt19937 random(11);
  while (done < kills) {
    ask(questions[random() % questions.size()], "client " + std::to_string(random() % 8));
    wait_for_less_than(in_flight);
  }
  wait_for_less_than(1);
  killer.join();

  const SchedulerCounters counters = scheduler_->status().counters;
  std::cout << done << " kills, " << counters.deaths << " calls died, " << counters.failovers
            << " went on;";
  for (const auto& [how, count] : outcomes_) std::cout << ' ' << how << ' ' << count;
  std::cout << '\n';
  EXPECT_GT(outcomes_["stop"], kills / 4);
  EXPECT_GT(counters.failovers, 0U);
  EXPECT_EQ(outcomes_["internal"] + outcomes_["protocol"] + outcomes_["deadline_exceeded"], 0);

  std::this_thread::sleep_for(load_retry);  // the last kill may have ended a load
  outcomes_.clear();
  for (const Question& question : questions) ask(question, "after");
  wait_for_less_than(1);
  EXPECT_EQ(outcomes_["stop"], 4);
}

}  // namespace
}  // namespace tenfold
