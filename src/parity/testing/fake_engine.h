// A core engine over the fake model, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "generation/core_engine.h"
#include "generation/testing/fake_token_model.h"

namespace tenfold {

struct FakeRun {
  FakeRun() { load(fake_chat_template()); }

  void load(const std::string& chat_template) {
    engine = make_core_engine(fake_backend(control, 512, chat_template));
    EXPECT_TRUE(engine->initialize({.path = "fake"}, {}, {}).ok());
  }

  /// The answer to the conversation {user: "Hi"}, then the end of the turn.
  void script(const std::vector<TokenId>& answer) {
    constexpr std::size_t prompt_tokens = 6;  // BOS, user, H, i, end, assistant
    control->next = scripted(prompt_tokens, answer);
  }

  std::shared_ptr<FakeModelControl> control = std::make_shared<FakeModelControl>();
  std::unique_ptr<Engine> engine;
};

}  // namespace tenfold
