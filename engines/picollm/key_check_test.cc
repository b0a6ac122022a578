#include "key_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tenfold::picollm
