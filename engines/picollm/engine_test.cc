// Loading, the AccessKey, devices, tokens, scores and embeddings, with the stand-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "base/machine.h"
#include "testing/engine_fixture.h"

namespace tenfold::picollm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using EngineOverStandIn = EngineTest;

LoadOptions with(const std::string& option, const OptionValue& value) {
  LoadOptions options;
  options.engine_options[option] = value;
  return options;
}

TEST_F(EngineOverStandIn, DescribesTheModel) {
  const auto info = load("Phi3 stand-in");
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->architecture, "phi3");
  EXPECT_EQ(info->description, "Phi3 stand-in on cpu:" + std::to_string(usable_cores()));
  EXPECT_EQ(info->context_size, 256);
  EXPECT_EQ(info->format, "pllm");
  EXPECT_THAT(info->chat_template, HasSubstr("<|assistant|>"));
}

TEST_F(EngineOverStandIn, WithoutAKeyItSaysWhereToGetOne) {
  const auto info = load("phi3", with("access_key", std::string()));
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(to_string(info.error().code), "license");
  EXPECT_THAT(info.error().hint, HasSubstr("https://console.picovoice.ai"));
  EXPECT_FALSE(engine_->is_initialized());
}

TEST_F(EngineOverStandIn, NoErrorQuotesTheKey) {
  const std::pair<int, ErrorCode> statuses[] = {{1, ErrorCode::out_of_memory},
                                                {8, ErrorCode::network},
                                                {9, ErrorCode::license},
                                                {10, ErrorCode::license},
                                                {11, ErrorCode::license}};
  for (const auto& [status, code] : statuses) {
    const std::string key = "status " + std::to_string(status) + " secret";
    const auto info = load("phi3", with("access_key", key));
    ASSERT_FALSE(info.ok()) << status;
    EXPECT_EQ(to_string(info.error().code), to_string(code));
    EXPECT_THAT(info.error().message, HasSubstr("Key `(hidden)` was not accepted"));
    EXPECT_THAT(info.error().message + info.error().hint, Not(HasSubstr("secret")));
  }
}

TEST_F(EngineOverStandIn, ComputesWhereItIsTold) {
  const auto on = [&](const std::string& device, int threads) {
    LoadOptions options = with("device", device);
    options.threads = threads;
    const auto info = load("phi3", options);
    return info.ok() ? info->description + ", " + std::to_string(info->threads)
                     : std::string(to_string(info.error().code)) + ": " + info.error().message;
  };
  EXPECT_EQ(on("best", 3), "phi3 on cpu:3, 3");
  EXPECT_EQ(on("cpu", 2), "phi3 on cpu:2, 2");
  EXPECT_EQ(on("cpu:5", 0), "phi3 on cpu:5, 5");
  EXPECT_EQ(on("cpu:5", 4),
            "invalid_argument: the engine option device is cpu:5, but threads is 4");
  for (const char* wrong : {"xyz", "cpu:", "cpu:x", "cpu:0", "gpu:-1", "", "cpu:99999"}) {
    EXPECT_EQ(on(wrong, 0),
              std::string("invalid_argument: the engine option device cannot be ") + wrong);
  }
  EXPECT_THAT(on("gpu:9", 0), HasSubstr("Failed to communicate with device"));
}

TEST_F(EngineOverStandIn, AnswersOnlyModelsWithADialogInMessages) {
  ASSERT_TRUE(load("gemma-2b stand-in").ok());
  const auto refused = engine_->generate(ask("Hi"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(to_string(refused.error().code), "unsupported");
  EXPECT_THAT(refused.error().message, HasSubstr("gemma-2b stand-in"));
  Request text = ask("Hi");
  text.prompt = "Once upon a time";
  EXPECT_TRUE(engine_->generate(text).ok());
}

TEST_F(EngineOverStandIn, PreparesWhatTheLibraryIsGiven) {
  const auto prepared = engine_->prepare(std::vector<Message>{{"user", "Hi there"}});
  ASSERT_TRUE(prepared.ok()) << prepared.error().message;
  EXPECT_EQ(prepared->text, "<|user|>\nHi there<|end|>\n<|assistant|>\n");
  EXPECT_EQ(prepared->tokens.size(), 5U) << "four words and what begins them";
}

TEST_F(EngineOverStandIn, ScoresTokenByToken) {
  std::vector<PromptProgress> seen;
  const Control control({}, [&](const PromptProgress& progress) { seen.push_back(progress); });
  const auto scores = engine_->score(std::vector<TokenId>{5, 6, 7, 9}, control);
  ASSERT_TRUE(scores.ok()) << scores.error().message;
  ASSERT_EQ(scores->size(), 3U);
  // Of the stand-in: the logit of the next id is the length so far, and all others are 0.
  const auto log_sum = [](double top) {
    return std::log(std::exp(top) + stand_in::vocabulary_size - 1);
  };
  EXPECT_NEAR((*scores)[0], 1 - log_sum(1), 1e-5);
  EXPECT_NEAR((*scores)[1], 2 - log_sum(2), 1e-5);
  EXPECT_NEAR((*scores)[2], 0 - log_sum(3), 1e-5);
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{0, 3, 0}, {3, 3, 0}}));
  EXPECT_EQ(engine_->score(std::vector<TokenId>{5, 6, 7, 9}).value(), *scores)
      << "it begins anew each time";
  EXPECT_TRUE(engine_->score(std::vector<TokenId>{5})->empty());
  EXPECT_EQ(to_string(engine_->score({}).error().code), "invalid_argument");
  EXPECT_THAT(engine_->score(std::vector<TokenId>{5, 1000}).error().message, HasSubstr("1000"));
  EXPECT_EQ(to_string(engine_->score(std::vector<TokenId>(257, 5)).error().code),
            "context_exceeded");
}

TEST_F(EngineOverStandIn, EmbedsWithNormOne) {
  const auto embedded = engine_->embed(std::vector<std::string>{"The sea is blue.", "Hi"});
  ASSERT_TRUE(embedded.ok()) << embedded.error().message;
  ASSERT_EQ(embedded->size(), 2U);
  EXPECT_EQ((*embedded)[0].tokens, 5);
  EXPECT_EQ((*embedded)[1].tokens, 2);
  double squares = 0;
  for (const float value : (*embedded)[0].values) squares += static_cast<double>(value) * value;
  EXPECT_NEAR(squares, 1, 1e-5);
  ASSERT_TRUE(load("phi3 text-only").ok());
  const auto refused = engine_->embed(std::vector<std::string>{"Hi"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(to_string(refused.error().code), "unsupported");
  EXPECT_THAT(refused.error().message, HasSubstr("phi3 text-only"));
}

TEST_F(EngineOverStandIn, EmbeddingsWaitForAnAnswerAndCanBeStopped) {
  std::stop_source stop;
  bool done = false;
  const auto answer = engine_->stream(ask("!never-ends"), [&](const Delta&) {
    if (std::exchange(done, true)) return;
    std::jthread other([&] {
      const auto embedded = engine_->embed(std::vector<std::string>{"Hi"}, stop.get_token());
      EXPECT_EQ(to_string(embedded.error().code), "cancelled");
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    stop.request_stop();
    other.join();
    engine_->cancel();
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_TRUE(engine_->embed(std::vector<std::string>{"Hi"}).ok());
}

TEST_F(EngineOverStandIn, TheSuitesModelIsTheStandIns) {
  EXPECT_EQ(*read_file("tests/models/stand-in.pllm", 1 << 20),
            stand_in::model_file("phi3 stand-in"));
}

}  // namespace
}  // namespace tenfold::picollm
