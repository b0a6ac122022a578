#include "base/thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace tenfold {
namespace {

TEST(StartThread, GivesItsStopTokenToTheWork) {
  std::atomic<bool> stopped = false;
  {
    const auto thread = start_thread(
        [&](const std::stop_token& stop) {
          while (!stop.stop_requested()) std::this_thread::yield();
          stopped = true;
        },
        [](const Error&) {});
    ASSERT_TRUE(thread.ok());
  }
  EXPECT_TRUE(stopped);
}

TEST(StartThread, WhatIsThrownIsAnErrorForTheHandler) {
  Error seen;
  const auto run = [&](const std::function<void()>& work) {
    auto thread = start_thread(work, [&](const Error& error) { seen = error; });
    thread->join();
    return seen;
  };
  EXPECT_EQ(run([] { throw std::runtime_error("broken"); }).message, "a thread failed: broken");
  EXPECT_EQ(run([] { throw std::bad_alloc(); }).code, ErrorCode::out_of_memory);
  EXPECT_EQ(run([] { throw 7; }).code, ErrorCode::internal);
}

TEST(StartThread, AHandlerThatThrowsEndsOnlyItsThread) {
  auto thread = start_thread([] { throw 1; }, [](const Error&) { throw std::bad_alloc(); });
  thread->join();
}

#ifndef TENFOLD_SANITIZED  // they need address space
[[noreturn]] void start_one_without_memory() {
  const rlimit nothing{1, 1};  // no room for a stack
  ::setrlimit(RLIMIT_AS, &nothing);
  const auto thread = start_thread([] {}, [](const Error&) {});
  std::_Exit(!thread.ok() && thread.error().code == ErrorCode::io ? 7 : 1);
}

TEST(StartThread, NoThreadLeftIsAnError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a new process keeps no stack of other threads
  EXPECT_EXIT(start_one_without_memory(), testing::ExitedWithCode(7), "");
}
#endif

}  // namespace
}  // namespace tenfold
