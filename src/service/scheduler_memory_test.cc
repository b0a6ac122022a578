// Who is loaded when not all fit.
#include "service/testing/scheduler_fixture.h"

namespace tenfold {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class SchedulerMemory : public SchedulerTest {
 protected:
  SchedulerMemory() { host_->memory = {{"a", 400}, {"b", 400}, {"c", 400}, {"huge", 2000}}; }
};

TEST_F(SchedulerMemory, TheLeastRecentlyUsedIdleModelLeaves) {
  start();
  EXPECT_TRUE(ask("words 1", "a")->end().ok());
  EXPECT_TRUE(ask("words 1", "b")->end().ok());
  until([&] { return model_status("b")->idle.has_value(); });
  EXPECT_TRUE(ask("words 2", "a")->end().ok());
  EXPECT_EQ(scheduler_->status().memory_used, 800U);
  until([&] { return model_status("a")->idle.has_value(); });
  EXPECT_TRUE(ask("words 1", "c")->end().ok());
  EXPECT_THAT(host_->log(), Contains("unload b"));
  EXPECT_THAT(host_->log(), Not(Contains("unload a")));
  EXPECT_EQ(scheduler_->status().counters.evictions, 1U);
  EXPECT_LE(scheduler_->status().memory_used, 1000U);
  const auto events = scheduler_->status().events;
  const auto evicted =
      std::ranges::find(events, SchedulerEvent::Kind::evicted, &SchedulerEvent::kind);
  ASSERT_NE(evicted, events.end());
  EXPECT_EQ(evicted->text, "b was unloaded because c needed its memory");
  EXPECT_GT(events[0].id, events[1].id) << "the latest first";
}

TEST_F(SchedulerMemory, WhoHoldsItHasTheMachineAlone) {
  start();
  const auto running = occupy("door", "a");
  const Error reason{ErrorCode::busy, "a benchmark runs", "", {}};
  EXPECT_THAT(scheduler_->hold(reason).error().message, HasSubstr("a has 1 requests"));
  host_->open("door");
  EXPECT_TRUE(running->end().ok());
  until([&] { return model_status("a")->idle.has_value(); });
  ASSERT_TRUE(scheduler_->hold(reason).ok());
  EXPECT_EQ(host_->log().back(), "unload a");
  EXPECT_EQ(ask("words 1", "a")->end().error().message, reason.message);
  EXPECT_EQ(scheduler_->hold(reason).error().message, reason.message);
  scheduler_->release();
  EXPECT_TRUE(ask("words 1", "a")->end().ok());
}

TEST_F(SchedulerMemory, BusyModelsStayAndTheRequestWaits) {
  start();
  const auto first = occupy("a", "a");
  const auto second = occupy("b", "b");
  AnswerTask hurried = task("words 1", "c");
  hurried.request.deadline = milliseconds(30);
  EXPECT_EQ(ask(hurried)->end().error().code, ErrorCode::deadline_exceeded);
  const auto patient = ask("words 1", "c");
  until([&] { return model_status("c")->state == ModelStatus::State::waiting_for_memory; });
  host_->open("b");
  EXPECT_TRUE(patient->end().ok());
  EXPECT_THAT(host_->log(), Contains("unload b"));
  host_->open("a");
  EXPECT_EQ(first->end()->finish, FinishReason::stop);
}

TEST_F(SchedulerMemory, AModelThatNeverFitsIsRefusedWithTheNumbers) {
  host_->memory["huge"] = std::uint64_t{2000} << 20;
  start({.memory_limit = std::uint64_t{1000} << 20});
  EXPECT_TRUE(ask("words 1", "a")->end().ok());
  const Error error = ask("words 1", "huge")->end().error();
  EXPECT_EQ(error.code, ErrorCode::out_of_memory);
  EXPECT_THAT(error.message, HasSubstr("huge needs about 2001 MiB"));
  EXPECT_THAT(error.message, HasSubstr("is 1000 MiB"));
  EXPECT_THAT(host_->log(), Not(Contains("unload a")));
}

TEST_F(SchedulerMemory, WhatIsMeasuredCountsWhenItIsMore) {
  host_->measure("a", 500);
  host_->measure("b", 10);
  start();
  EXPECT_TRUE(ask("words 1", "a")->end().ok());
  EXPECT_TRUE(ask("words 1", "b")->end().ok());
  EXPECT_EQ(model_status("a")->memory_bytes, 500U);
  EXPECT_EQ(model_status("b")->measured_bytes, 10U);
  EXPECT_EQ(model_status("b")->memory_bytes, 400U) << "what is not touched yet will be";
}

TEST_F(SchedulerMemory, AModelThatGrowsPushesIdleOnesOut) {
  host_->advance(milliseconds(0));
  start();
  EXPECT_TRUE(ask("words 1", "a")->end().ok());
  EXPECT_TRUE(ask("words 1", "b")->end().ok());
  host_->measure("b", 700);
  host_->advance(std::chrono::seconds(10));
  EXPECT_TRUE(ask("words 1", "b")->end().ok());
  until([&] { return !model_status("a"); });
  EXPECT_EQ(scheduler_->status().memory_used, 700U);
}

TEST_F(SchedulerMemory, AModelThatIsAlwaysBusyMakesRoomInTheEnd) {
  host_->memory["a"] = 1000;
  host_->advance(milliseconds(0));
  start({.turn = std::chrono::seconds(10)});
  const auto first = occupy("first", "a");
  const auto next = ask("words 3", "a");
  const auto other = ask("words 1", "c");
  until([&] { return model_status("c")->state == ModelStatus::State::waiting_for_memory; });
  host_->advance(std::chrono::seconds(11));
  scheduler_->tidy();
  until([&] { return model_status("a")->state == ModelStatus::State::unloading; });
  host_->open("first");
  EXPECT_EQ(first->end()->finish, FinishReason::stop);
  EXPECT_TRUE(other->end().ok());
  EXPECT_EQ(next->end()->text, "w0 w1 w2 ");
  EXPECT_EQ(scheduler_->status().counters.evictions, 2U);
}

}  // namespace
}  // namespace tenfold
