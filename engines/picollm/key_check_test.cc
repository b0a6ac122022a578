#include "key_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/descriptor.h"
#include "testing/engine_fixture.h"

namespace tenfold::picollm {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// A call that ends at a time of a clock that only the waiting turns.
struct World {
  milliseconds now{0};
  milliseconds ends = 24h;
  milliseconds busy_until{0};
  milliseconds wanted_until = 24h;

  Result<void> wait() {
    return wait_for_key_check(
        {[this](milliseconds time) {
           now += time;
           return now >= ends;
         },
         [this] { return now < busy_until; }, [this] { return now < wanted_until; }},
        "m.pllm");
  }
};

TEST(KeyCheck, AnAnswerIsWaitedFor) {
  World world{.ends = 119s};
  EXPECT_TRUE(world.wait().ok());
  EXPECT_EQ(world.now, 119s);
}

TEST(KeyCheck, AServerThatSaysNothingIsNamedAfterTwoMinutes) {
  World world;
  const auto waited = world.wait();
  ASSERT_FALSE(waited.ok());
  EXPECT_EQ(world.now, 120s);
  EXPECT_EQ(to_string(waited.error().code), "network");
  EXPECT_THAT(waited.error().message, HasSubstr("m.pllm"));
  EXPECT_THAT(waited.error().message, HasSubstr("2 minutes"));
  EXPECT_THAT(waited.error().hint, HasSubstr("kmp1.picovoice.net"));
}

TEST(KeyCheck, ReadingTheModelMayTakeAsLongAsItTakes) {
  World world{.busy_until = 1h};
  EXPECT_FALSE(world.wait().ok());
  EXPECT_GE(world.now, 1h + 119s);
  EXPECT_LE(world.now, 1h + 121s);
  world = {.ends = 90min, .busy_until = 89min};
  EXPECT_TRUE(world.wait().ok());
}

TEST(KeyCheck, TheCallerMayLeave) {
  World world{.wanted_until = 10s};
  EXPECT_EQ(to_string(world.wait().error().code), "cancelled");
  EXPECT_EQ(world.now, 10s);
}

TEST(KeyCheck, WhatNoBlockDeviceReadsIsWorkToo) {
  if (!std::filesystem::exists("/proc/self/io")) GTEST_SKIP() << "the system does not tell";
  const auto was_busy = activity_of_this_process();
  const auto rests = [&] {
    std::this_thread::sleep_for(50ms);
    return !was_busy();
  };
  bool rested = rests();
  for (int i = 0; i < 100 && !rested; ++i) rested = rests();
  ASSERT_TRUE(rested);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Descriptor from(ends[0]);
  const Descriptor to(ends[1]);
  std::string bytes(32 << 10, 'x');
  ASSERT_EQ(::write(to.get(), bytes.data(), bytes.size()), std::ssize(bytes));
  ASSERT_EQ(::read(from.get(), bytes.data(), bytes.size()), std::ssize(bytes));
  EXPECT_FALSE(rests());
}

TEST_F(EngineTest, ALoadThatWaitsForTheServerCanBeCancelled) {
  LoadOptions options;
  options.engine_options["access_key"] = std::string(stand_in::stuck_key);
  int asked = 0;
  const auto began = std::chrono::steady_clock::now();
  const auto info = engine_->initialize({.path = write_model("phi3 stand-in")}, options,
                                        [&](double) { return ++asked < 3; });
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(to_string(info.error().code), "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_TRUE(load("phi3 stand-in").ok()) << "beside the one that was given up";
}

TEST_F(EngineTest, AWaitingThatFailsDoesNotWaitForTheServer) {
  const ModelSettings settings{.path = write_model("phi3 stand-in"),
                               .access_key = std::string(stand_in::stuck_key),
                               .device = "cpu:1",
                               .context_caching = false,
                               .context = ""};
  const auto throws = []() -> bool { throw std::runtime_error("of the caller"); };
  EXPECT_THROW((void)open_model(settings, throws), std::runtime_error);
}

}  // namespace
}  // namespace tenfold::picollm
