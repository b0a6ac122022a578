// Workers that die while they answer.
#include <stdexcept>

#include "service/testing/scheduler_fixture.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto whole = "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 ";

TEST_F(SchedulerTest, AnAnswerGoesOnAfterItsWorkerDied) {
  host_->deaths["first"] = 1;
  start();
  const auto asked = ask("die 4");
  const Answer answer = asked->end().value();
  EXPECT_EQ(answer.text, whole);
  EXPECT_EQ(asked->text(), whole);
  EXPECT_THAT(asked->notices, ElementsAre("killed by SIGSEGV; going on with first"));
  EXPECT_EQ(answer.usage.generated_tokens, 10);
  EXPECT_EQ(answer.usage.answered_tokens, 5);
  EXPECT_THAT(host_->log(),
              ElementsAre("load a", "answer die 4", "unload a", "load a", "answer die 4"));
  EXPECT_EQ(scheduler_->status().counters.deaths, 1U);
  EXPECT_EQ(scheduler_->status().counters.failovers, 1U);
  EXPECT_EQ(scheduler_->status().counters.generated_tokens, 10U);
  EXPECT_EQ(scheduler_->status().memory_used, 100U);
}

TEST_F(SchedulerTest, ARequestThatKillsTwiceIsGivenUp) {
  host_->deaths["first"] = 100;
  start();
  const Error error = ask("die 4")->end().error();
  EXPECT_EQ(error.code, ErrorCode::engine_died);
  EXPECT_THAT(error.message, HasSubstr("twice: killed by SIGSEGV"));
  EXPECT_EQ(host_->deaths["first"], 98);
  EXPECT_TRUE(ask("words 1")->end().ok());
}

TEST_F(SchedulerTest, WithoutFailoverTheAnswerEnds) {
  host_->deaths["first"] = 1;
  start({.failover = false});
  const auto asked = ask("die 4");
  const auto next = ask("words 1");
  EXPECT_EQ(asked->end().error().code, ErrorCode::engine_died);
  EXPECT_EQ(asked->text(), "w0 w1 w2 w3 w4 ");
  EXPECT_TRUE(next->end().ok());
}

TEST_F(SchedulerTest, AnotherEngineGoesOnWhereTheFirstCannot) {
  host_->deaths["first"] = 1;
  start();
  const auto busy = occupy("go");
  const auto asked = ask("die 4");
  const auto never_begun = ask("words 1");
  host_->fail_engine("first");
  host_->open("go");
  EXPECT_EQ(asked->end()->text, whole);
  EXPECT_THAT(asked->notices, ElementsAre("killed by SIGSEGV; going on with second"));
  EXPECT_EQ(never_begun->end().error().code, ErrorCode::engine_died);
  EXPECT_EQ(busy->end()->finish, FinishReason::stop);
}

TEST_F(SchedulerTest, AnEngineTheUserNamedIsNotReplaced) {
  host_->deaths["first"] = 1;
  start();
  const auto busy = occupy("go");
  AnswerTask named = task("die 4");
  named.use.engine = "first";
  const auto asked = ask(named);
  host_->fail_engine("first");
  host_->open("go");
  EXPECT_EQ(asked->end().error().code, ErrorCode::engine_died);
  EXPECT_EQ(busy->end()->finish, FinishReason::stop);
}

TEST_F(SchedulerTest, NeighboursOfAKillerAreNotBlamed) {
  host_->most_sequences = 2;
  host_->deaths["first"] = 2;
  start({.sequences = 2});
  // Both die with the first worker; each is then tried alone, so that only the killer is given up.
  const auto neighbour = ask("share 3");
  until([&] { return model_status("a")->running == 1; });
  const auto killer = ask("die 4");
  EXPECT_EQ(killer->end().error().code, ErrorCode::engine_died);
  EXPECT_EQ(neighbour->end()->text, "w0 w1 w2 ");
  EXPECT_EQ(neighbour->notices.size(), 1U);
}

TEST_F(SchedulerTest, AnAnswerThatItsEngineCannotResumeIsNotSaidTwice) {
  host_->deaths["first"] = 2;
  host_->resumes = false;
  start();
  const auto asked = ask("die 4");
  const Error error = asked->end().error();
  EXPECT_EQ(error.code, ErrorCode::engine_died);
  EXPECT_THAT(error.message, HasSubstr("first cannot go on with an answer that was begun"));
  EXPECT_EQ(asked->text(), "w0 w1 w2 w3 w4 ");
  EXPECT_EQ(scheduler_->status().counters.failovers, 0U);
  const auto silent = ask("fall 2");
  EXPECT_EQ(silent->end()->text, "w0 w1 ") << "nothing was said before its worker died";
  EXPECT_THAT(silent->notices, ElementsAre("killed by SIGSEGV; going on with first"));
}

TEST_F(SchedulerTest, WhatAUsersFunctionThrowsEndsItsAnswerAlone) {
  start();
  std::promise<Result<Answer>> ended;
  AnswerEvents events;
  events.on_delta = [](const Delta&) { throw std::runtime_error("no more"); };
  events.on_end = [&](Result<Answer> answer) { ended.set_value(std::move(answer)); };
  ASSERT_TRUE(scheduler_->submit(task("words 3"), events).ok());
  EXPECT_EQ(ended.get_future().get().error().code, ErrorCode::internal);
  EXPECT_TRUE(ask("words 1")->end().ok());
  EXPECT_EQ(scheduler_->status().counters.loads, 1U);
}

TEST_F(SchedulerTest, WhatEndsAModelsThreadEndsItsRequestsAlone) {
  start();
  EXPECT_EQ(ask("words 1", "throws")->end().error().code, ErrorCode::internal);
  EXPECT_TRUE(ask("words 1")->end().ok());
  EXPECT_EQ(ask("words 1", "throws")->end().error().message, "a thread failed: thrown by the host");
}

}  // namespace
}  // namespace tenfold
