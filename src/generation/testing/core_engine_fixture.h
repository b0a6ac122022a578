// A core engine over a fake model, and shorthands for requests: for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "generation/core_engine.h"
#include "generation/testing/fake_token_model.h"

namespace tenfold {

class CoreEngineFixture : public testing::Test {
 protected:
  void SetUp() override { load(); }

  void load(int context_size = 512, const std::string& chat_template = fake_chat_template()) {
    engine_ = make_core_engine(fake_backend(control_, context_size, chat_template));
    const auto info = engine_->initialize({.path = "fake.model"}, {}, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }

  static std::vector<TokenId> encode(const std::string& text) {
    return *FakeTokenizer().encode(text, false, true);
  }
  static Request request(Prompt prompt) {
    Request result;
    result.prompt = std::move(prompt);
    result.sampling.seed = 1;
    result.max_tokens = 40;
    return result;
  }
  static Request ask(const std::string& question) {
    return request(std::vector<Message>{{"user", question}});
  }

  /// Makes the model answer this request's prompt with `script`, then end its turn.
  void answer_with(const Request& to, std::vector<TokenId> script) {
    control_->next = scripted(engine_->prepare(to.prompt)->tokens.size(), std::move(script));
  }
  void answer_with(const Request& to, const std::string& text) { answer_with(to, encode(text)); }

  /// A finished answer, whose deltas were checked to add up to it.
  Answer answer(const Request& to) {
    Answer sum;
    const auto result = engine_->stream(to, [&](const Delta& delta) {
      sum.text += delta.text;
      sum.reasoning += delta.reasoning;
      sum.tokens.insert(sum.tokens.end(), delta.tokens.begin(), delta.tokens.end());
      sum.logprobs.insert(sum.logprobs.end(), delta.logprobs.begin(), delta.logprobs.end());
      sum.tool_calls.insert(sum.tool_calls.end(), delta.tool_calls.begin(), delta.tool_calls.end());
    });
    EXPECT_TRUE(result.ok()) << result.error().message;
    if (!result.ok()) return {};
    EXPECT_EQ(sum.text, result->text);
    EXPECT_EQ(sum.reasoning, result->reasoning);
    EXPECT_EQ(sum.tokens, result->tokens);
    EXPECT_EQ(sum.logprobs.size(), result->logprobs.size());
    EXPECT_EQ(sum.tool_calls, result->tool_calls);
    return *result;
  }
  Error error_of(const Request& to) {
    const auto result = engine_->generate(to);
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{} : result.error();
  }

  std::shared_ptr<FakeModelControl> control_ = std::make_shared<FakeModelControl>();
  std::unique_ptr<Engine> engine_;
};

}  // namespace tenfold
