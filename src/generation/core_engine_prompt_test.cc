// Prompts: what the model is shown, and what of it is reused.
#include <gtest/gtest.h>

#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

using Tokens = std::vector<TokenId>;

class CoreEnginePromptTest : public CoreEngineFixture {};

TEST_F(CoreEnginePromptTest, MessagesAreRenderedByTheTemplate) {
  const auto prompt = engine_->prepare(std::vector<Message>{{"user", "Hi"}});
  ASSERT_TRUE(prompt.ok()) << prompt.error().message;
  EXPECT_EQ(prompt->text, "<s><|user|>Hi<|end|><|assistant|>");
  EXPECT_EQ(prompt->tokens, (Tokens{FakeTokenizer::bos, FakeTokenizer::user, 'H', 'i',
                                    FakeTokenizer::end_of_turn, FakeTokenizer::assistant}))
      << "no second BOS, special tokens recognised";
  EXPECT_EQ(prompt->pieces,
            (std::vector<std::string>{"<s>", "<|user|>", "H", "i", "<|end|>", "<|assistant|>"}));
}

TEST_F(CoreEnginePromptTest, TextGetsTheModelsBosAndMayNameSpecialTokens) {
  const auto prompt = engine_->prepare(std::string("<|user|>a"));
  ASSERT_TRUE(prompt.ok());
  EXPECT_EQ(prompt->text, "<|user|>a");
  EXPECT_EQ(prompt->tokens, (Tokens{FakeTokenizer::bos, FakeTokenizer::user, 'a'}));
}

TEST_F(CoreEnginePromptTest, TokensStayUnchanged) {
  const auto prompt = engine_->prepare(Tokens{1, 2});
  ASSERT_TRUE(prompt.ok());
  EXPECT_EQ(prompt->text, "");
  EXPECT_EQ(prompt->tokens, (Tokens{1, 2}));
}

TEST_F(CoreEnginePromptTest, BadPromptsAreRefused) {
  const auto refused = [&](const Prompt& prompt) { return engine_->prepare(prompt).error(); };
  EXPECT_EQ(refused(Tokens{}).code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused(Tokens{5, 100'000}).message,
            "token 100000 at position 1 is not in the vocabulary");
  EXPECT_EQ(refused(Tokens{-1}).code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused(std::vector<Message>{}).code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused(std::string("\xFF")).message, "the prompt is not valid UTF-8");
  EXPECT_EQ(refused(std::vector<Message>{{"user", "\xFF"}}).message,
            "messages[0].content is not valid UTF-8");
}

TEST_F(CoreEnginePromptTest, WithoutATemplateOnlyMessagesAreRefused) {
  load(512, "");
  const Error error = error_of(ask("Hi"));
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_NE(error.hint.find("--raw"), std::string::npos);
  EXPECT_TRUE(engine_->generate(request(std::string("Hi"))).ok());
}

TEST_F(CoreEnginePromptTest, AFaultyTemplateIsAnErrorOnlyWhenItIsUsed) {
  load(512, "{% if %}");
  EXPECT_TRUE(engine_->generate(request(std::string("Hi"))).ok());
  EXPECT_EQ(error_of(ask("Hi")).code, ErrorCode::bad_model);
}

TEST_F(CoreEnginePromptTest, TheNextTurnEvaluatesOnlyWhatIsNew) {
  auto to = ask("Hi");
  answer_with(to, "Paris");
  const Answer first = answer(to);
  const int before = control_->evaluated_tokens;

  auto messages = std::get<ChatPrompt>(to.prompt).messages;
  messages.push_back({"assistant", first.text});
  messages.push_back({"user", "More"});
  const auto next = request(messages);
  answer_with(next, "the");
  const Answer second = answer(next);
  // All of the first turn but its last token, which was sampled and never evaluated.
  EXPECT_EQ(second.usage.cached_tokens, first.usage.prompt_tokens + 1);
  EXPECT_EQ(
      control_->evaluated_tokens - before,
      second.usage.prompt_tokens - second.usage.cached_tokens + second.usage.generated_tokens - 1);

  load();
  answer_with(next, "the");
  const Answer fresh = answer(next);
  EXPECT_EQ(fresh.tokens, second.tokens);
  EXPECT_EQ(fresh.usage.cached_tokens, 0);
}

TEST_F(CoreEnginePromptTest, ReuseNeverChangesTheAnswer) {
  for (const int step : {1, 4, 1000}) {
    control_->rewind_step = step;
    load();
    std::vector<Answer> reused;
    const std::vector<Tokens> prompts{{1, 2, 3}, {1, 2, 3}, {1, 2, 3, 4, 5},
                                      {1, 2, 9}, {7},       {1, 2}};
    for (const Tokens& prompt : prompts) reused.push_back(answer(request(prompt)));
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      load();
      const Answer fresh = answer(request(prompts[i]));
      EXPECT_EQ(fresh.tokens, reused[i].tokens) << "prompt " << i << ", step " << step;
      EXPECT_EQ(fresh.usage.cached_tokens, 0);
    }
    EXPECT_EQ(reused[1].usage.cached_tokens, step == 1 ? 2 : 0);
  }
}

TEST_F(CoreEnginePromptTest, TellsHowMuchOfALongPromptIsRead) {
  load(4096);
  const auto to = request(Tokens(1200, 'a'));
  std::vector<PromptProgress> seen;
  const auto follow = [&](const PromptProgress& progress) { seen.push_back(progress); };
  ASSERT_TRUE(engine_->stream(to, {}, {{}, follow}).ok());
  EXPECT_EQ(seen, (std::vector<PromptProgress>{
                      {0, 1200, 0}, {512, 1200, 0}, {1024, 1200, 0}, {1200, 1200, 0}}));
  seen.clear();
  ASSERT_TRUE(engine_->stream(to, {}, {{}, follow}).ok());
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{1199, 1200, 1199}, {1200, 1200, 1199}}));
}

}  // namespace
}  // namespace tenfold
