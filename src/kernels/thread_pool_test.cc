#include "kernels/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

namespace tenfold::kernels {
namespace {

TEST(ThreadPool, EachTaskRunsOnce) {
  ThreadPool pool;
  for (const std::size_t threads : {1, 2, 5, 3, 1}) {
    ASSERT_TRUE(pool.resize(threads).ok());
    EXPECT_EQ(pool.size(), threads);
    for (std::size_t tasks : {0, 1, 2, 7, 200}) {
      for (int run = 0; run < 20; ++run) {
        std::vector<std::atomic<int>> done(tasks);
        std::atomic<bool> known = true;
        pool.run(tasks, [&](std::size_t task, std::size_t worker) {
          ++done[task];
          if (worker >= threads) known = false;
        });
        EXPECT_TRUE(known);
        for (const auto& times : done) EXPECT_EQ(times, 1);
      }
    }
  }
}

TEST(ThreadPool, NoTwoTasksAtATimeHaveOneWorker) {
  ThreadPool pool;
  ASSERT_TRUE(pool.resize(4).ok());
  std::vector<std::atomic<int>> busy(4);
  std::atomic<bool> alone = true;
  pool.run(500, [&](std::size_t, std::size_t worker) {
    if (busy[worker]++ != 0) alone = false;
    std::this_thread::yield();
    --busy[worker];
  });
  EXPECT_TRUE(alone);
}

TEST(ThreadPool, TheCallerWaitsForTasksInProgressAlone) {
  ThreadPool pool;
  ASSERT_TRUE(pool.resize(2).ok());
  const auto caller = std::this_thread::get_id();
  std::atomic<bool> begun = false, ended = false;
  pool.run(2, [&](std::size_t, std::size_t) {
    if (std::this_thread::get_id() == caller) {
      // The other thread may never come; it holds no task then.
      for (int i = 0; i < 100 && !begun; ++i) std::this_thread::yield();
    } else {
      begun = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ended = true;
    }
  });
  EXPECT_EQ(begun, ended);
}

TEST(ThreadPool, ThreadsSleepBetweenRuns) {
  ThreadPool pool;
  ASSERT_TRUE(pool.resize(3).ok());
  pool.run(8, [](std::size_t, std::size_t) {});
  timespec before{}, after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const double used = static_cast<double>(after.tv_sec - before.tv_sec) +
                      static_cast<double>(after.tv_nsec - before.tv_nsec) * 1e-9;
  EXPECT_LT(used, 0.02);
}

TEST(ThreadPool, CallersTakeTurns) {
  ThreadPool pool;
  ASSERT_TRUE(pool.resize(2).ok());
  std::atomic<int> sum = 0;
  const auto call = [&] {
    for (int run = 0; run < 100; ++run) {
      pool.run(4, [&](std::size_t, std::size_t) { ++sum; });
    }
  };
  { const std::jthread one(call), two(call); }
  EXPECT_EQ(sum, 800);
}

TEST(ThreadPool, RefusesImpossibleNumbers) {
  ThreadPool pool;
  for (const std::size_t count : {std::size_t{0}, ThreadPool::most_threads + 1}) {
    const auto resized = pool.resize(count);
    ASSERT_FALSE(resized.ok());
    EXPECT_EQ(resized.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_EQ(pool.size(), 1U);
}

}  // namespace
}  // namespace tenfold::kernels
