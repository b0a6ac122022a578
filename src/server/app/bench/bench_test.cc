// Benchmarks with a fake model in this process.
#include <gmock/gmock.h>

#include <future>
#include <stdexcept>

#include "generation/core_engine.h"
#include "generation/testing/fake_token_model.h"
#include "server/app/bench/runner.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RunnerTest : public ServerTest {
 protected:
  Result<OpenedModel> open(const BenchModel& model, const LoadOptions& options) {
    if (model.model == "slow") gate_.get_future().wait();
    if (model.model == "thrower") throw std::runtime_error("a library threw");
    if (model.model == "missing") return fail(ErrorCode::not_found, "there is no such model");
    OpenedModel opened{make_core_engine(fake_backend(control_, options.context_size)), {}};
    opened.info = TRY(opened.engine->initialize({.path = "fake.model"}, options, {}));
    return opened;
  }

  Runner runner() {
    return Runner(scheduler_, [this](const BenchModel& model, const LoadOptions& options,
                                     const auto&) { return open(model, options); });
  }

  static BenchPlan plan(const std::vector<std::string>& models) {
    BenchPlan plan;
    plan.speed = {{16, 32}, {8}, 2};
    for (const std::string& model : models) plan.models.push_back({model, ""});
    return plan;
  }

  Scheduler scheduler_{SchedulerOptions{}, host_};
  std::shared_ptr<FakeModelControl> control_ = std::make_shared<FakeModelControl>();
  std::promise<void> gate_;
};

TEST_F(RunnerTest, MeasuresOneModelAfterTheOther) {
  Runner runner = this->runner();
  const Json started = runner.start(plan({"a", "missing"})).value();
  EXPECT_EQ(started["state"], "running");
  EXPECT_EQ(started["total"], 18);
  until([&] { return !runner.running(); });
  const Json run = runner.list()->at(0);
  EXPECT_EQ(run["id"], started["id"]);
  EXPECT_EQ(run["state"], "done");
  EXPECT_EQ(run["done"], 18);
  ASSERT_EQ(run["rows"].size(), 2U);
  EXPECT_EQ(run["rows"][0]["state"], "done");
  EXPECT_EQ(run["rows"][0]["context_size"], 33);
  EXPECT_EQ(run["rows"][0]["metrics"][0]["name"], "pp16");
  EXPECT_GT(run["rows"][0]["metrics"][0]["mean"], 0);
  EXPECT_EQ(run["rows"][0]["metrics"].size(), 7U);
  EXPECT_EQ(run["rows"][1]["state"], "failed");
  EXPECT_EQ(run["rows"][1]["error"]["code"], "not_found");
}

TEST_F(RunnerTest, WhatIsThrownEndsOneRow) {
  Runner runner = this->runner();
  ASSERT_TRUE(runner.start(plan({"thrower", "a"})).ok());
  until([&] { return !runner.running(); });
  const Json run = runner.list()->at(0);
  EXPECT_EQ(run["state"], "done");
  EXPECT_EQ(run["rows"][0]["state"], "failed");
  EXPECT_THAT(run["rows"][0]["error"]["message"].get<std::string>(), HasSubstr("a library threw"));
  EXPECT_EQ(run["rows"][1]["state"], "done");
  EXPECT_TRUE(scheduler_.hold(fail(ErrorCode::busy, "the next")).ok());
}

TEST_F(RunnerTest, HasTheMachineToItselfUntilItIsCancelled) {
  Runner runner = this->runner();
  const Json started = runner.start(plan({"slow", "a"})).value();
  EXPECT_EQ(runner.start(plan({"a"})).error().code, ErrorCode::busy);
  AnswerTask task;
  task.use.model = "a";
  task.request.prompt = std::string("words 1");
  EXPECT_THAT(scheduler_.submit(task, {}).error().message, HasSubstr("benchmark"));
  const std::int64_t id = *runner.running();
  EXPECT_TRUE(runner.cancel(id).ok());
  gate_.set_value();
  until([&] { return !runner.running(); });
  const Json run = runner.find(id).value();
  EXPECT_EQ(run["state"], "cancelled");
  EXPECT_EQ(run["rows"][1]["state"], "cancelled");
  EXPECT_TRUE(runner.remove(id).ok());
  EXPECT_EQ(runner.find(id).error().code, ErrorCode::not_found);
  AnswerEvents events;
  events.on_end = [](const Result<Answer>&) {};
  EXPECT_TRUE(scheduler_.submit(task, events).ok());
}

TEST_F(RunnerTest, OneThatAnEarlierServerLeftHasFailed) {
  {
    Runner runner = this->runner();
    ASSERT_TRUE(runner.start(plan({"a"})).ok());
    until([&] { return !runner.running(); });
  }
  BenchHistory history =
      BenchHistory::open(std::string(std::getenv("TENFOLD_HOME")) + "/data/benchmarks.db").value();
  Json run = history.find(1).value();
  run["state"] = "running";
  ASSERT_TRUE(history.save(1, run).ok());
  Runner runner = this->runner();
  EXPECT_EQ(runner.find(1).value()["state"], "failed");
  EXPECT_EQ(runner.list()->at(0)["state"], "failed");
}

using BenchHttpTest = RunnerTest;

TEST_F(BenchHttpTest, IsFollowedAndExported) {
  start();
  Client client = connect();
  client.post("/api/v1/benchmarks", R"({"models": [{"model": "a"}], "repetitions": 1})");
  const std::string started = client.reply();
  EXPECT_THAT(started, StartsWith("HTTP/1.1 202"));
  const std::string path = "/api/v1/benchmarks/" + body(started)["id"].get<std::string>();
  client.get(path + "/events");
  EXPECT_THAT(client.read_to("0\r\n\r\n"), HasSubstr("event: benchmark"));
  client.get(path);
  EXPECT_EQ(body(client.reply())["rows"][0]["state"], "failed");
  client.get(path + "/export?format=csv");
  EXPECT_THAT(client.reply(), HasSubstr("model,engine"));
  client.get("/api/v1/benchmarks");
  EXPECT_EQ(body(client.reply())["benchmarks"].size(), 1U);
  client.send("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  client.get(path);
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
}

TEST_F(BenchHttpTest, RequestsNameNoFiles) {
  start();
  Client client = connect();
  client.post("/api/v1/benchmarks", R"({"models": [{"model": "a"}, {"model": "/etc/passwd"}]})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("no model")));
}

}  // namespace
}  // namespace tenfold::server::bench
