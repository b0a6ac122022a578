// Comparisons with fake models in this process, and over a socket with workers that need no
// framework.
#include <gmock/gmock.h>

#include <fstream>

#include "generation/core_engine.h"
#include "generation/testing/fake_token_model.h"
#include "models/store.h"
#include "models/store_fixture.h"
#include "server/app/verify/comparison.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server::verify {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ComparisonTest : public ServerTest {
 protected:
  static Result<OpenedModel> open(const BenchModel& model, const LoadOptions& options) {
    if (model.model == "thrower") throw std::runtime_error("a library threw");
    const auto control = std::make_shared<FakeModelControl>();
    if (model.model == "other") control->next = [](std::span<const TokenId>) { return 'x'; };
    OpenedModel opened{make_core_engine(fake_backend(control, options.context_size)), {}};
    opened.info = TRY(opened.engine->initialize({.path = model.model}, options, {}));
    return opened;
  }

  Comparison comparison(const std::vector<std::string>& paths, int context_size = 512) {
    std::vector<VerifiedRun> runs(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
      runs[i].resolved.path = runs[i].model = paths[i];
      runs[i].engine = find_engine("llama_cpp");
    }
    return {scheduler_,
            {{}, 8, 1, context_size, true},
            std::move(runs),
            [](const BenchModel& model, const LoadOptions& options, const auto&) {
              return open(model, options);
            }};
  }

  Scheduler scheduler_{SchedulerOptions{}, host_};
};

TEST_F(ComparisonTest, TellsItsStepsAndWhatCameOfThem) {
  Comparison comparison = this->comparison({"a", "b", "other"});
  comparison.perform();
  const Comparison::News news = comparison.take();
  EXPECT_THAT(news.progress, SizeIs(3 * 14));
  EXPECT_EQ(news.progress[0],
            Json::parse(R"({"model": "a", "engine": "llama_cpp", "step": "loading"})"));
  const Json found = news.end->value();
  EXPECT_EQ(found["agrees"], false);
  EXPECT_EQ(found["runs"][1]["same_answers"], 12);
  EXPECT_EQ(found["runs"][2]["same_answers"], 0);
  EXPECT_FALSE(comparison.take().end);
  EXPECT_TRUE(scheduler_.hold(fail(ErrorCode::busy, "the next")).ok());
}

TEST_F(ComparisonTest, WaitsForNobodyWhoHasTheMachine) {
  ASSERT_TRUE(scheduler_.hold(fail(ErrorCode::busy, "a benchmark has it")).ok());
  Comparison comparison = this->comparison({"a"});
  comparison.perform();
  EXPECT_EQ(comparison.take().end->error().message, "a benchmark has it");
  EXPECT_FALSE(scheduler_.hold(fail(ErrorCode::busy, "the next")).ok());
}

TEST_F(ComparisonTest, WhatIsThrownIsItsError) {
  Comparison comparison = this->comparison({"thrower"});
  comparison.perform();
  EXPECT_THAT(comparison.take().end->error().message, HasSubstr("a library threw"));
  EXPECT_TRUE(scheduler_.hold(fail(ErrorCode::busy, "the next")).ok());
}

TEST_F(ComparisonTest, AReferenceThatFailsEndsIt) {
  Comparison comparison = this->comparison({"missing", "b"});
  comparison.perform();
  EXPECT_EQ(comparison.take().end->error().code, ErrorCode::not_found);
  Comparison cancelled = this->comparison({"a"});
  cancelled.cancel();
  cancelled.perform();
  EXPECT_EQ(cancelled.take().end->error().code, ErrorCode::cancelled);
}

/// With the models "m" and "n", and "slow", which loads until it is cancelled.
class VerifyHttpTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    ::setenv("TENFOLD_ENGINE_PATH", FAKE_ENGINES, 1);
    ModelStore store = ModelStore::open().value();
    for (const char* name : {"m", "n", "slow"}) {
      StoredModel model;
      model.name = name;
      model.format = "gguf";
      model.path = home_ / (std::string(name) + ".gguf");
      std::ofstream(model.path, std::ios::binary) << small_gguf();
      ASSERT_TRUE(store.add(model).ok());
    }
    start();
  }
  void TearDown() override {
    ServerTest::TearDown();
    ::unsetenv("TENFOLD_ENGINE_PATH");
  }

  /// The reply to a request that wants no stream.
  std::string verify(const std::string& models, const std::string& fields = {}) {
    Client client = connect();
    client.post("/api/v1/verify", R"({"stream": false, "models": )" + models + (fields + "}"));
    return client.reply();
  }

  /// Follows a comparison that does not end, from its beginning on.
  void follow_slow(Client& client) {
    client.post("/api/v1/verify", R"({"models": [{"model": "slow"}]})");
    EXPECT_THAT(client.read_to("loading"),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("text/event-stream"),
                      HasSubstr("event: progress")));
  }

  static constexpr const char* one = R"([{"model": "m"}])";
};

TEST_F(VerifyHttpTest, TwoModelsAgree) {
  Client client = connect();
  client.post("/api/v1/verify",
              R"({"models": [{"model": "m"}, {"model": "n:latest", "engine": "llama_cpp"}]})");
  EXPECT_THAT(client.read_to("0\r\n\r\n"),
              AllOf(HasSubstr("event: progress"), HasSubstr(R"("step":"its cache")"),
                    HasSubstr("event: verify\ndata: {\"agrees\":true")));
  const Json found = body(verify(R"([{"model": "m"}, {"model": "n"}])", R"(, "max_tokens": 4)"));
  EXPECT_EQ(found["agrees"], true);
  EXPECT_EQ(found["runs"][0]["reference"], true);
  EXPECT_EQ(found["runs"][1]["model"], "n");
  EXPECT_EQ(found["runs"][1]["engine_version"], "fake 1");
}

TEST_F(VerifyHttpTest, WhatCannotBeComparedIsRefused) {
  EXPECT_THAT(verify(one, R"(, "context_size": 1)"),
              AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("context_exceeded")));
  EXPECT_THAT(verify(one, R"(, "speed": 1)"),
              AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("speed")));
  EXPECT_THAT(verify(R"([{"model": "nobody"}])"),
              AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("nobody")));
  const std::string path = std::string(std::getenv("TENFOLD_HOME")) + "/m.gguf";
  EXPECT_THAT(verify(R"([{"model": ")" + path + "\"}]"), StartsWith("HTTP/1.1 404"));
}

TEST_F(VerifyHttpTest, HasTheMachineToItselfUntilItsClientGoes) {
  Client slow = connect();
  follow_slow(slow);
  EXPECT_THAT(verify(one), AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("a comparison has")));
  Client client = connect();
  client.post("/api/v1/benchmarks", R"({"models": [{"model": "m"}]})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("a comparison has")));
  slow.close();
  until([&] { return verify(one).starts_with("HTTP/1.1 200"); });
}

TEST_F(VerifyHttpTest, EndsWithTheServer) {
  Client slow = connect();
  follow_slow(slow);
  server_->stop();
  EXPECT_THAT(slow.rest(),
              AllOf(HasSubstr("event: error"), HasSubstr("cancelled"), EndsWith("0\r\n\r\n")));
}

}  // namespace
}  // namespace tenfold::server::verify
