// The scheduler's queues, loads and unloads. Memory and deaths have tests of their own.
#include "service/testing/scheduler_fixture.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(SchedulerTest, LoadsAModelAndStreamsTheAnswer) {
  start();
  const auto asked = ask("words 3");
  const Answer answer = asked->end().value();
  EXPECT_EQ(answer.text, "w0 w1 w2 ");
  EXPECT_EQ(asked->text(), answer.text);
  EXPECT_EQ(asked->model->name, "a");
  EXPECT_EQ(asked->model->engine, "first");
  EXPECT_EQ(asked->model->sha256, "00ff");
  EXPECT_EQ(asked->model->info.context_size, 512);
  EXPECT_FALSE(asked->ticket->position());
  const SchedulerStatus status = scheduler_->status();
  ASSERT_EQ(status.models.size(), 1U);
  EXPECT_EQ(to_string(status.models[0].state), "ready");
  EXPECT_EQ(status.memory_used, 100U);
  EXPECT_EQ(status.counters.answered, 1U);
  EXPECT_EQ(status.counters.generated_tokens, 3U);
  EXPECT_TRUE(status.last_token);
}

TEST_F(SchedulerTest, OneLoadServesAllWhoWait) {
  start();
  const auto first = ask("words 1", "slow");
  const auto second = ask("words 2", "slow", "you");
  until([&] { return model_status("slow")->waiting == 2; });
  host_->open("load");
  EXPECT_TRUE(first->end().ok());
  EXPECT_TRUE(second->end().ok());
  EXPECT_THAT(host_->log(), ElementsAre("load slow", "answer words 1", "answer words 2"));
}

TEST_F(SchedulerTest, ClientsTakeTurns) {
  start();
  const auto busy = occupy("go");
  std::vector<std::shared_ptr<Asked>> asked;
  for (const char* prompt : {"words 1", "words 2", "words 3"}) asked.push_back(ask(prompt));
  asked.push_back(ask("words 4", "a", "you"));
  EXPECT_EQ(asked[3]->ticket->position(), 1);
  EXPECT_EQ(asked[2]->ticket->position(), 3);
  host_->open("go");
  for (const auto& one : asked) EXPECT_TRUE(one->end().ok());
  EXPECT_THAT(host_->log(), ElementsAre("load a", "answer wait go", "answer words 1",
                                        "answer words 4", "answer words 2", "answer words 3"));
}

TEST_F(SchedulerTest, AFullQueueIsBusy) {
  start({.queue_length = 2});
  const auto busy = occupy("go");
  const auto second = ask("words 1");
  const auto third = ask("words 1");
  const Error refused = ask("words 1")->end().error();
  EXPECT_EQ(refused.code, ErrorCode::busy);
  EXPECT_GE(refused.retry_after.count(), 1);
  EXPECT_THAT(refused.message, HasSubstr("2 requests are waiting for a"));
  EXPECT_EQ(scheduler_->status().counters.refused, 1U);
  host_->open("go");
  EXPECT_TRUE(second->end().ok());
  EXPECT_TRUE(third->end().ok());
  EXPECT_TRUE(ask("words 1")->end().ok());
}

TEST_F(SchedulerTest, TooManyModelsAreBusy) {
  start({.most_models = 1});
  EXPECT_TRUE(ask("words 1")->end().ok());
  EXPECT_EQ(ask("words 1", "b")->end().error().code, ErrorCode::busy);
}

TEST_F(SchedulerTest, SeveralAnswersAtOnce) {
  host_->most_sequences = 2;
  start({.sequences = 8});
  const auto first = occupy("first");
  const auto second = occupy("second");
  const auto third = ask("words 1");
  EXPECT_EQ(model_status("a")->running, 2);
  EXPECT_EQ(third->ticket->position(), 0);
  host_->open("second");
  EXPECT_TRUE(third->end().ok());
  until([&] { return model_status("a")->running == 1; });
  host_->open("first");
  EXPECT_TRUE(first->end().ok());
}

TEST_F(SchedulerTest, WaitingRequestsCanBeCancelled) {
  start();
  const auto busy = occupy("go");
  const auto waiting = ask("words 1");
  waiting->ticket->cancel();
  EXPECT_EQ(waiting->end().error().code, ErrorCode::cancelled);
  EXPECT_EQ(model_status("a")->waiting, 0);
  waiting->ticket->cancel();
  host_->open("go");
  EXPECT_EQ(busy->end()->finish, FinishReason::stop);
}

TEST_F(SchedulerTest, RunningAnswersCanBeCancelled) {
  start();
  const auto busy = occupy("never");
  busy->ticket->cancel();
  EXPECT_EQ(busy->end()->finish, FinishReason::cancelled);
  EXPECT_TRUE(ask("words 1")->end().ok());
}

TEST_F(SchedulerTest, DeadlinesCountTheWaiting) {
  start();
  const auto busy = occupy("go");
  AnswerTask hurried = task("words 1");
  hurried.request.deadline = milliseconds(20);
  EXPECT_EQ(ask(hurried)->end().error().code, ErrorCode::deadline_exceeded);
  AnswerTask later = task("wait never");
  later.request.deadline = milliseconds(600);
  const auto begun = std::chrono::steady_clock::now();
  const auto asked = ask(later);
  std::this_thread::sleep_for(milliseconds(400));
  host_->open("go");
  EXPECT_EQ(asked->end()->finish, FinishReason::deadline);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(1000));
}

TEST_F(SchedulerTest, AnEngineThatIsStuckDoesNotKeepARequestPastItsDeadline) {
  start();
  AnswerTask stuck = task("deaf a");
  stuck.request.deadline = milliseconds(50);
  const auto asked = ask(stuck);
  EXPECT_EQ(asked->end().error().code, ErrorCode::deadline_exceeded);
  EXPECT_EQ(asked->text(), "w0 ");
  EXPECT_EQ(model_status("a")->running, 1) << "its engine is not free yet";
  const auto next = ask("words 1");
  EXPECT_EQ(next->ticket->position(), 0);
  host_->open("a");
  EXPECT_TRUE(next->end().ok());
  EXPECT_EQ(scheduler_->status().counters.failed, 1U);
}

TEST_F(SchedulerTest, LoadFailuresReachAllAndAreNotRepeatedAtOnce) {
  start();
  const auto first = ask("words 1", "broken");
  EXPECT_EQ(first->end().error().code, ErrorCode::engine_died);
  EXPECT_EQ(ask("words 1", "broken")->end().error().message, "died while loading");
  EXPECT_THAT(host_->log(), ElementsAre("load broken"));
  EXPECT_EQ(to_string(model_status("broken")->state), "failed");
  host_->advance(milliseconds(5001));
  EXPECT_EQ(ask("words 1", "broken")->end().error().code, ErrorCode::engine_died);
  EXPECT_THAT(host_->log(), ElementsAre("load broken", "load broken"));
  EXPECT_EQ(scheduler_->status().counters.load_failures, 2U);
}

TEST_F(SchedulerTest, AMissingModelMayAppearAtAnyTime) {
  start();
  EXPECT_EQ(ask("words 1", "missing")->end().error().code, ErrorCode::not_found);
  until([&] { return !model_status("missing"); });
}

TEST_F(SchedulerTest, IdleModelsAreUnloaded) {
  host_->advance(milliseconds(0));
  start({.idle_unload = std::chrono::minutes(5)});
  EXPECT_TRUE(ask("words 1")->end().ok());
  until([&] { return model_status("a")->idle.has_value(); });
  EXPECT_EQ(model_status("a")->expires, std::chrono::minutes(5));
  host_->advance(std::chrono::minutes(4));
  scheduler_->tidy();
  EXPECT_EQ(model_status("a")->idle, std::chrono::minutes(4));
  host_->advance(std::chrono::minutes(1));
  scheduler_->tidy();
  until([&] { return !model_status("a"); });
  EXPECT_THAT(host_->log(), ElementsAre("load a", "answer words 1", "unload a"));
  EXPECT_EQ(scheduler_->status().counters.idle_unloads, 1U);
  EXPECT_EQ(scheduler_->status().memory_used, 0U);
}

TEST_F(SchedulerTest, ARequestSaysHowLongItsModelStays) {
  host_->advance(milliseconds(0));
  start();
  AnswerTask once = task("words 1");
  once.use.keep_alive = milliseconds(0);
  EXPECT_TRUE(ask(once)->end().ok());
  until([&] { return !model_status("a"); });
  once.use.keep_alive = milliseconds(-1);
  EXPECT_TRUE(ask(once)->end().ok());
  host_->advance(std::chrono::hours(100));
  scheduler_->tidy();
  until([&] { return model_status("a")->idle.has_value(); });
  EXPECT_FALSE(model_status("a")->expires);
}

TEST_F(SchedulerTest, UnloadWaitsForAnswers) {
  start();
  EXPECT_EQ(scheduler_->unload("a").error().code, ErrorCode::not_found);
  const auto busy = occupy("go");
  const auto waiting = ask("words 1");
  EXPECT_TRUE(scheduler_->unload("a").ok());
  EXPECT_EQ(to_string(model_status("a")->state), "unloading");
  host_->open("go");
  EXPECT_EQ(busy->end()->finish, FinishReason::stop);
  EXPECT_TRUE(waiting->end().ok());
  EXPECT_THAT(host_->log(),
              ElementsAre("load a", "answer wait go", "unload a", "load a", "answer words 1"));
}

TEST_F(SchedulerTest, WhatCouldNotBeKeptIsSaid) {
  start();
  EXPECT_TRUE(ask("words 1", "unkept")->end().ok());
  EXPECT_TRUE(scheduler_->unload("unkept").ok());
  until([&] { return !model_status("unkept"); });
  EXPECT_THAT(scheduler_->status().events.front().text, HasSubstr("the disk is full"));
}

TEST_F(SchedulerTest, AContextThatIsLargeEnoughIsShared) {
  start();
  AnswerTask wide = task("words 1");
  wide.use.context_size = 1024;
  EXPECT_TRUE(ask(wide)->end().ok());
  wide.use.context_size = 1000;
  EXPECT_TRUE(ask(wide)->end().ok());
  EXPECT_EQ(scheduler_->status().counters.loads, 1U);
  EXPECT_EQ(ask("words 1")->end()->text, "w0 ");
  EXPECT_EQ(scheduler_->status().counters.loads, 2U) << "the default is not what a request chose";
}

TEST_F(SchedulerTest, OneFileIsLoadedOnceWhateverItsNames) {
  start();
  EXPECT_TRUE(ask("words 1")->end().ok());
  EXPECT_TRUE(ask("words 2", "alias")->end().ok());
  EXPECT_TRUE(ask("words 3", "alias")->end().ok());
  EXPECT_THAT(host_->log(),
              ElementsAre("load a", "answer words 1", "answer words 2", "answer words 3"));
  AnswerTask wide = task("words 1", "alias");
  wide.use.context_size = 1024;
  EXPECT_EQ(ask(wide)->end()->text, "w0 ");
  EXPECT_EQ(scheduler_->status().counters.loads, 2U) << "not in the context that was asked for";
  EXPECT_TRUE(scheduler_->unload("alias").ok());
}

TEST_F(SchedulerTest, OtherWorkIsDoneBesideAnswers) {
  start();
  const auto busy = occupy("go");
  const auto run = [&](bool counts_as_answer, std::promise<std::size_t>& tokens) {
    WorkTask task;
    task.use.model = "a";
    task.client = "me";
    task.work = [&](Engine& engine, const LoadedModel& model, std::stop_token) -> Result<void> {
      EXPECT_EQ(model.name, "a");
      tokens.set_value(TRY(engine.prepare(std::string("x"))).tokens.size());
      return {};
    };
    task.counts_as_answer = counts_as_answer;
    const auto ticket =
        scheduler_->run(std::move(task), [](const Result<void>& end) { EXPECT_TRUE(end.ok()); });
    ASSERT_TRUE(ticket.ok());
  };
  std::promise<std::size_t> scored;
  std::promise<std::size_t> prepared;
  run(true, scored);
  run(false, prepared);
  EXPECT_EQ(prepared.get_future().get(), 3U);
  auto score = scored.get_future();
  EXPECT_EQ(score.wait_for(milliseconds(20)), std::future_status::timeout);
  host_->open("go");
  EXPECT_EQ(score.get(), 3U);
  EXPECT_TRUE(busy->end().ok());
}

TEST_F(SchedulerTest, ShutdownEndsEverything) {
  start();
  const auto running = occupy("never");
  const auto waiting = ask("words 1");
  const auto loading = ask("words 1", "slow");
  until([&] { return host_->log().size() == 3; });
  host_->open("load");
  std::jthread shutdown([&] { scheduler_->shutdown(milliseconds(50)); });
  EXPECT_EQ(waiting->end().error().code, ErrorCode::unavailable);
  EXPECT_EQ(running->end()->finish, FinishReason::cancelled);
  loading->end();
  shutdown.join();
  EXPECT_EQ(ask("words 1")->end().error().code, ErrorCode::unavailable);
  EXPECT_EQ(scheduler_->status().models.size(), 0U);
}

TEST_F(SchedulerTest, ShutdownMayBeCalledByTwoAtOnce) {
  for (int round = 0; round < 50; ++round) {
    start();
    const auto running = occupy("never");
    std::jthread one([&] { scheduler_->shutdown(milliseconds(0)); });
    std::jthread other([&] { scheduler_->shutdown(milliseconds(0)); });
    EXPECT_EQ(running->end()->finish, FinishReason::cancelled);
  }
}

TEST_F(SchedulerTest, ShutdownLetsAnswersFinish) {
  start();
  const auto running = occupy("go");
  std::jthread shutdown([&] { scheduler_->shutdown(std::chrono::minutes(1)); });
  until([&] { return ask("words 1")->end().error().code == ErrorCode::unavailable; });
  host_->open("go");
  EXPECT_EQ(running->end()->finish, FinishReason::stop);
}

TEST_F(SchedulerTest, ShutdownGivesUpWhatIsSavedForTooLong) {
  start();
  EXPECT_TRUE(ask("words 1", "stuck")->end().ok());
  const auto began = std::chrono::steady_clock::now();
  scheduler_->shutdown(milliseconds(50));
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(50)) << "it had its time";
  EXPECT_THAT(host_->log(), ElementsAre("load stuck", "answer words 1", "unload stuck"));
}

TEST_F(SchedulerTest, TicketsMayOutliveIt) {
  start();
  const auto asked = ask("words 1");
  EXPECT_TRUE(asked->end().ok());
  scheduler_.reset();
  asked->ticket->cancel();
  EXPECT_FALSE(asked->ticket->position());
}

TEST_F(SchedulerTest, TellsHowMuchOfThePromptIsRead) {
  start();
  std::vector<PromptProgress> seen;
  std::promise<void> ended;
  AnswerEvents events;
  events.on_prompt = [&](const PromptProgress& progress) { seen.push_back(progress); };
  events.on_end = [&](const Result<Answer>&) { ended.set_value(); };
  ASSERT_TRUE(scheduler_->submit(task("read 1"), events).ok());
  ended.get_future().get();
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{1, 2, 1}, {2, 2, 1}}));
}

TEST_F(SchedulerTest, ALoadThatNobodyWaitsForGoesOnForAWhile) {
  host_->advance(milliseconds(0));
  start({.idle_unload = milliseconds(1000)});
  const auto asked = ask("words 1", "slow");
  until([&] { return model_status("slow")->load_progress == 0.5; });
  asked->ticket->cancel();
  EXPECT_EQ(asked->end().error().code, ErrorCode::cancelled);
  host_->advance(milliseconds(900));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(model_status("slow")->state, ModelStatus::State::loading);
  host_->advance(milliseconds(200));
  until([&] { return !model_status("slow"); });
  EXPECT_EQ(scheduler_->status().memory_used, 0U);
}

}  // namespace
}  // namespace tenfold
