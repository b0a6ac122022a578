#include "service/fair_queue.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<Job> job(std::uint64_t id, const std::string& client, bool is_answer = true) {
  WorkTask task;
  task.client = client;
  task.counts_as_answer = is_answer;
  auto made = make_work_job(std::move(task), [](const Result<void>&) {});
  made->id = id;
  return made;
}

std::vector<std::uint64_t> drain(FairQueue& queue) {
  std::vector<std::uint64_t> ids;
  while (!queue.empty()) {
    const std::uint64_t next = queue.next(true)->id;
    EXPECT_EQ(queue.position(next), 0);
    ids.push_back(queue.pop(true)->id);
    EXPECT_EQ(ids.back(), next);
  }
  return ids;
}

TEST(FairQueue, ClientsTakeTurns) {
  FairQueue queue;
  for (const std::uint64_t id : {1, 2, 3}) queue.push(job(id, "greedy"));
  queue.push(job(4, "modest"));
  queue.push(job(5, "late"));
  queue.push(job(6, "modest"));
  EXPECT_EQ(queue.size(), 6U);
  EXPECT_THAT(drain(queue), ElementsAre(1, 4, 5, 2, 6, 3));
}

TEST(FairQueue, PositionsAreTheOrderOfPops) {
  FairQueue queue;
  queue.push_begun(job(9, "x"));
  for (const std::uint64_t id : {1, 2, 3}) queue.push(job(id, "a"));
  for (const std::uint64_t id : {4, 5}) queue.push(job(id, "b"));
  queue.push(job(6, "c"));
  std::vector<std::uint64_t> expected(queue.size());
  for (const std::uint64_t id : {1, 2, 3, 4, 5, 6, 9}) {
    expected[static_cast<std::size_t>(*queue.position(id))] = id;
  }
  EXPECT_EQ(drain(queue), expected);
  EXPECT_FALSE(queue.position(1));
}

TEST(FairQueue, WhatIsNoAnswerPassesAnswersThatHaveToWait) {
  FairQueue queue;
  queue.push(job(1, "a"));
  queue.push(job(2, "b"));
  EXPECT_EQ(queue.next(false), nullptr);
  queue.push(job(3, "b", false));
  queue.push(job(4, "c", false));
  EXPECT_EQ(queue.next(false)->id, 3U);
  EXPECT_EQ(queue.pop(false)->id, 3U);
  EXPECT_EQ(queue.pop(false)->id, 4U);
  EXPECT_EQ(queue.next(false), nullptr);
  EXPECT_THAT(drain(queue), ElementsAre(1, 2));
}

TEST(FairQueue, NothingPassesAJobThatHasBegun) {
  FairQueue queue;
  queue.push(job(1, "a", false));
  queue.push_begun(job(2, "b"));
  EXPECT_EQ(queue.next(false)->id, 2U);
}

TEST(FairQueue, JobsCanLeave) {
  FairQueue queue;
  for (const std::uint64_t id : {1, 2}) queue.push(job(id, "a"));
  queue.push(job(3, "b"));
  EXPECT_EQ(queue.take_if([](const Job& one) { return one.id == 3; }).size(), 1U);
  EXPECT_THAT(drain(queue), ElementsAre(1, 2));
  queue.push(job(4, "b"));
  EXPECT_EQ(queue.take_all().size(), 1U);
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, KnowsItsNextDeadline) {
  FairQueue queue;
  queue.push(job(1, "a"));
  EXPECT_FALSE(queue.next_deadline());
  const ModelHost::TimePoint time{std::chrono::seconds(5)};
  for (const int later : {3, 1, 2}) {
    auto one = job(2, "b");
    one->deadline = time + std::chrono::seconds(later);
    queue.push(std::move(one));
  }
  EXPECT_EQ(*queue.next_deadline(), time + std::chrono::seconds(1));
}

}  // namespace
}  // namespace tenfold
