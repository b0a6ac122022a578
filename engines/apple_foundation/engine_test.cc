// The engine over the stand-in for Apple's bridge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "apple_foundation_engine.h"
#include "bridge.h"

namespace tenfold::apple_foundation {
namespace {

using ::testing::HasSubstr;

class AppleEngine : public testing::Test {
 protected:
  void SetUp() override {
    engine_ = make_apple_foundation_engine();
    const auto info = load();
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_EQ(info->context_size, 256);
  }

  Result<ModelInfo> load() {
    return engine_->initialize({.name = "apple-foundation", .built_in = true}, {}, {});
  }

  static Request ask(const std::string& question) {
    Request request;
    request.prompt = std::vector<Message>{{"user", question}};
    request.sampling.temperature = 0;
    return request;
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(AppleEngine, SnapshotsBecomeDeltas) {
  std::string streamed;
  int deltas = 0;
  const auto answer = engine_->stream(ask("Hi"), [&](const Delta& delta) {
    streamed += delta.text;
    ++deltas;
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(streamed, answer->text);
  EXPECT_EQ(deltas, 12);
  EXPECT_EQ(to_string(answer->finish), "stop");
  EXPECT_EQ(answer->usage.generated_tokens, 12);
}

TEST_F(AppleEngine, InstructionsAndEarlierTurnsAreRead) {
  Request request = ask("Hi");
  const int alone = engine_->generate(request)->usage.prompt_tokens;
  request.prompt = std::vector<Message>{
      {"system", "Be brief."}, {"user", "One"}, {"assistant", "Two"}, {"user", "Hi"}};
  EXPECT_EQ(engine_->generate(request)->usage.prompt_tokens, alone + 7);
}

TEST_F(AppleEngine, EveryReasonItCannotBeHadIsSaid) {
  for (const auto& [reason, part] : std::vector<std::pair<std::string, std::string>>{
           {"0", "turned off"}, {"1", "this Mac cannot"}, {"2", "downloading"}, {"255", "why"}}) {
    ::setenv("TENFOLD_STAND_IN_UNAVAILABLE", reason.c_str(), 1);
    const auto info = load();
    ::unsetenv("TENFOLD_STAND_IN_UNAVAILABLE");
    ASSERT_FALSE(info.ok()) << reason;
    EXPECT_EQ(to_string(info.error().code), "unavailable");
    EXPECT_THAT(info.error().message, HasSubstr(part));
    EXPECT_FALSE(info.error().hint.empty());
  }
}

TEST_F(AppleEngine, EveryStatusIsAnErrorOfItsKind) {
  const std::pair<int, ErrorCode> statuses[] = {{1, ErrorCode::context_exceeded},
                                                {2, ErrorCode::unavailable},
                                                {3, ErrorCode::refused},
                                                {4, ErrorCode::invalid_argument},
                                                {5, ErrorCode::unsupported},
                                                {6, ErrorCode::internal},
                                                {7, ErrorCode::busy},
                                                {8, ErrorCode::busy},
                                                {9, ErrorCode::refused},
                                                {10, ErrorCode::invalid_argument},
                                                {11, ErrorCode::invalid_argument},
                                                {255, ErrorCode::internal}};
  for (const auto& [status, code] : statuses) {
    Request request = ask("!status=" + std::to_string(status));
    for (const bool guided : {false, true}) {
      if (guided) {
        request.constraint = {Constraint::Kind::json_schema, R"({"type":"object"})"};
      }
      const auto answer = engine_->generate(request);
      ASSERT_FALSE(answer.ok()) << status;
      EXPECT_EQ(to_string(answer.error().code), to_string(code)) << status;
      EXPECT_THAT(answer.error().message, HasSubstr("so it is"));
      EXPECT_FALSE(answer.error().hint.empty());
    }
  }
}

TEST_F(AppleEngine, AnAnswerFitsItsSchema) {
  Request request = ask("Hi");
  request.constraint = {
      Constraint::Kind::json_schema,
      R"({"type":"object","properties":{"n":{"type":"integer"},"city":{"enum":["Paris"]}}})"};
  std::string streamed;
  const auto answer = engine_->stream(request, [&](const Delta& delta) { streamed += delta.text; });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->text, R"({"n":1,"city":"Paris"})");
  EXPECT_EQ(streamed, answer->text);
}

TEST_F(AppleEngine, WhatNeverEndsIsEnded) {
  Request request = ask("!never-ends");
  int deltas = 0;
  const auto cancelled = engine_->stream(request, [&](const Delta&) {
    if (++deltas == 3) engine_->cancel();
  });
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(to_string(cancelled->finish), "cancelled");
  EXPECT_EQ(deltas, 3);
  request.deadline = std::chrono::milliseconds(20);
  EXPECT_EQ(to_string(engine_->generate(request)->finish), "deadline");
  request.constraint = {Constraint::Kind::json_schema, R"({"type":"object"})"};
  EXPECT_EQ(to_string(engine_->generate(request)->finish), "deadline");
  request = ask("!never-ends");
  EXPECT_EQ(to_string(engine_->generate(request)->finish), "context_full");
}

TEST_F(AppleEngine, WhatComesAfterACancelReachesNobody) {
  int deltas = 0;
  const auto cancelled = engine_->stream(ask("!obeys-late"), [&](const Delta&) {
    if (++deltas == 2) engine_->cancel();
  });
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(to_string(cancelled->finish), "cancelled");
  EXPECT_EQ(deltas, 2);
  const auto next = engine_->generate(ask("Hi"));
  ASSERT_TRUE(next.ok()) << next.error().message;
  EXPECT_EQ(next->usage.generated_tokens, 12);
}

TEST_F(AppleEngine, AnObjectThatIsNoJsonIsAnError) {
  Request request = ask("!no-json");
  request.constraint = {Constraint::Kind::json_schema, R"({"type":"object"})"};
  const auto answer = engine_->generate(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(to_string(answer.error().code), "internal");
  EXPECT_THAT(answer.error().message, HasSubstr("no JSON"));
}

TEST_F(AppleEngine, TextThatChangesIsAnError) {
  const auto answer = engine_->generate(ask("!changes"));
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr("changed"));
}

TEST_F(AppleEngine, AFileIsNoModelOfIt) {
  const auto info = engine_->initialize({.path = "/tmp/m.gguf"}, {}, {});
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(to_string(info.error().code), "bad_model");
  EXPECT_THAT(info.error().hint, HasSubstr("apple-foundation"));
}

}  // namespace
}  // namespace tenfold::apple_foundation
